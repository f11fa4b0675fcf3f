import {
  type Escaping,
  escapeLabel,
  escapeName,
  escapeQuoted,
  writtenLabel,
  writtenName,
} from '../../metric/escape.ts';
import { ownLabel } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { lineShapes } from './row-shape.ts';

/**
 * Returns a function that makes a row's line heads: its lines up to and including the space before the value. They are the
 * same in text 0.0.4 and OpenMetrics: `le` and `quantile` are canonical in both, as OpenMetrics requires and Prometheus 3
 * normalizes them, so that a series keeps its labels when another format is negotiated. Names outside the legacy syntax are
 * in quotes, the metric's inside the braces; or escaped.
 */
export function lineHeads(
  metric: Metric,
  constLabels: LabelRecord,
  escaping: Escaping = 'allow-utf-8',
): (labels: LabelRecord) => string[] {
  const label = (name: string): string => `${writtenLabel(escapeLabel(name, escaping))}=`;
  const fixed = Object.entries(constLabels).map(([name, value]) => label(name) + quoted(String(value)));
  const start = fixed.join(',');
  const declared = metric.labels.map(({ name }, i) => ({
    name,
    before: (i > 0 || start !== '' ? ',' : '') + label(name),
  }));
  const name = escapeName(metric.name, escaping);
  const own = ownLabel(metric);
  const lines = lineShapes(metric).map(({ ending, own: value }) => {
    const whole = name + ending;
    const written = writtenName(whole);
    return {
      bare: written === whole ? `${whole} ` : `{${written}} `,
      open: written === whole ? `${whole}{` : `{${written},`,
      own: value === undefined ? '' : label(own!) + quoted(value),
    };
  });
  if (metric.lines !== undefined) return lineHead(metric, escaping, fixed);
  return (labels) => {
    let pairs = start;
    for (const { name, before } of declared) pairs += before + quoted(String(labels[name]));
    return lines.map(({ bare, open, own }) => {
      if (own === '') return pairs === '' ? bare : `${open}${pairs}} `;
      return pairs === '' ? `${open}${own}} ` : `${open}${pairs},${own}} `;
    });
  };
}

/** For rows that are single lines. A label with the value '' was absent from the line. */
function lineHead(
  { name, labels }: Metric,
  escaping: Escaping,
  fixed: readonly string[],
): (labels: LabelRecord) => string[] {
  const names = labels.map((label) => label.name).filter((label) => label !== '');
  return (values) => {
    const whole = escapeName(name, escaping) + String(values['']);
    const written = writtenName(whole);
    const pairs = names
      .filter((label) => values[label] !== '')
      .map((label) => `${writtenLabel(escapeLabel(label, escaping))}=${quoted(String(values[label]))}`);
    const inside = [...(written === whole ? [] : [written]), ...fixed, ...pairs].join(',');
    const outside = written === whole ? whole : '';
    return [inside === '' ? `${outside} ` : `${outside}{${inside}} `];
  };
}

const quoted = (value: string): string => `"${escapeQuoted(value)}"`;
