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
  const start = Object.entries(constLabels)
    .map(([name, value]) => label(name) + quoted(String(value)))
    .join(',');
  const name = escapeName(metric.name, escaping);
  if (metric.lines !== undefined) return lineHead(metric, name, start, label);
  const declared = metric.labels.map(({ name }, i) => ({
    name,
    before: (i > 0 || start !== '' ? ',' : '') + label(name),
  }));
  const own = ownLabel(metric);
  const lines = lineShapes(metric).map(({ ending, own: value }) => ({
    ...nameForms(name + ending),
    own: value === undefined ? '' : label(own!) + quoted(value),
  }));
  return (labels) => {
    let pairs = start;
    for (const { name, before } of declared) pairs += before + quoted(String(labels[name]));
    return lines.map(({ bare, open, own }) => {
      if (own === '') return pairs === '' ? bare : `${open}${pairs}} `;
      return pairs === '' ? `${open}${own}} ` : `${open}${pairs},${own}} `;
    });
  };
}

/** For rows that are single lines of a histogram or summary. The label '' is the suffix; other empty labels are absent. */
function lineHead(
  metric: Metric,
  name: string,
  start: string,
  label: (name: string) => string,
): (labels: LabelRecord) => string[] {
  const declared = metric.labels.filter(({ name }) => name !== '').map(({ name }) => ({ name, before: label(name) }));
  const forms = new Map<unknown, ReturnType<typeof nameForms>>();
  return (labels) => {
    const suffix = labels[''];
    const form = forms.get(suffix) ?? nameForms(name + String(suffix));
    forms.set(suffix, form);
    let pairs = start;
    for (const { name, before } of declared) {
      const value = labels[name];
      if (value !== '') pairs += (pairs === '' ? before : `,${before}`) + quoted(String(value));
    }
    return [pairs === '' ? form.bare : `${form.open}${pairs}} `];
  };
}

/** A name as a line begins with it, without labels and with an open brace. */
export function nameForms(name: string): { readonly bare: string; readonly open: string } {
  const written = writtenName(name);
  return written === name ? { bare: `${name} `, open: `${name}{` } : { bare: `{${written}} `, open: `{${written},` };
}

const quoted = (value: string): string => `"${escapeQuoted(value)}"`;
