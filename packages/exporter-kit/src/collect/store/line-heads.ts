import { type Escaping, escapeLabel, escapeName } from '../../metric/escape.ts';
import type { Metric } from '../../metric/metric.ts';
import { ownLabel } from '../../metric/own-label.ts';
import type { LabelRecord } from '../families.ts';
import { escapeQuoted, writtenLabel, writtenName } from '../quoted.ts';

/**
 * Makes the function that gives the beginnings of the lines which one row is written as, up to and with the space before
 * the value. They are the same in text 0.0.4 and OpenMetrics: `le` and `quantile` are written as floats (`5.0`) in both,
 * as OpenMetrics asks and Prometheus 3 normalises, so that a series keeps its name when the scraper negotiates another
 * format. Names outside the legacy syntax are in quotes, the metric's own inside the braces; or escaped.
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
  const lines = linesOf(metric).map(({ ending, value }) => {
    const whole = name + ending;
    const written = writtenName(whole);
    return {
      bare: written === whole ? `${whole} ` : `{${written}} `,
      open: written === whole ? `${whole}{` : `{${written},`,
      own: value === undefined ? '' : label(own!) + quoted(value),
    };
  });
  return (labels) => {
    let pairs = start;
    for (const { name, before } of declared) pairs += before + quoted(String(labels[name]));
    return lines.map(({ bare, open, own }) => {
      if (own === '') return pairs === '' ? bare : `${open}${pairs}} `;
      return pairs === '' ? `${open}${own}} ` : `${open}${pairs},${own}} `;
    });
  };
}

/** The lines of a row: what their name ends in, and the value of the label that the type writes itself. */
function linesOf({ kind, buckets, quantiles, states }: Metric): { ending: string; value?: string }[] {
  const sums = [{ ending: '_sum' }, { ending: '_count' }];
  switch (kind) {
    case 'histogram':
      return [...[...buckets.map(float), '+Inf'].map((le) => ({ ending: '_bucket', value: le })), ...sums];
    case 'summary':
      return [...quantiles.map((quantile) => ({ ending: '', value: float(quantile) })), ...sums];
    case 'stateset':
      return states.map((state) => ({ ending: '', value: state }));
    default:
      return [{ ending: '' }];
  }
}

const quoted = (value: string): string => `"${escapeQuoted(value)}"`;

/** A number with a point or an exponent, as OpenMetrics' canonical form wants `le` and `quantile`. */
function float(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
