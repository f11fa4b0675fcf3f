import { Buffer } from 'node:buffer';
import {
  type Escaping,
  escapeLabel,
  escapeName,
  escapeQuoted,
  writtenLabel,
  writtenName,
} from '../../metric/escape.ts';
import { ownLabel } from '../../metric/labels.ts';
import { isBucketed, type Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { LineArena } from './line-arena.ts';
import { lineShapes } from './row-shape.ts';

/** The line heads of a metric's rows. */
export interface LineHeads {
  /** A row's heads: one for each line, or one for all lines of a histogram. */
  of(labels: LabelRecord): string[];
  /** A histogram's: the rest of its lines. */
  readonly frame?: BucketFrame;
}

/**
 * What lines of histograms consist of, besides the one head that is kept of each row: `x_bucket{a="b",`, which all bucket
 * lines begin with. The lines of sum and count have the same labels.
 */
export interface BucketFrame {
  /** The ends of bucket lines, such as `le="0.5"} `; the beginnings `x_sum{` and `x_count{`; and the end of those two, `} `. */
  readonly parts: LineArena;
  readonly bytes: number;
  /** Bytes of a head before its labels. */
  readonly before: number;
  /** Bytes after them: a comma, if there are any. */
  readonly after: 0 | 1;
}

/**
 * Makes line heads: a line up to and including the space before the value. They are the
 * same in text 0.0.4 and OpenMetrics: `le` and `quantile` are canonical in both, as OpenMetrics requires and Prometheus 3
 * normalizes them, so that a series keeps its labels when another format is negotiated. Names outside the legacy syntax are
 * in quotes, the metric's inside the braces; or escaped.
 */
export function lineHeads(metric: Metric, constLabels: LabelRecord, escaping: Escaping = 'allow-utf-8'): LineHeads {
  const label = (name: string): string => `${writtenLabel(escapeLabel(name, escaping))}=`;
  const start = Object.entries(constLabels)
    .map(([name, value]) => label(name) + quoted(String(value)))
    .join(',');
  const name = escapeName(metric.name, escaping);
  if (metric.lines !== undefined) return { of: lineHead(metric, name, start, label) };
  const declared = metric.labels.map(({ name }, i) => ({
    name,
    before: (i > 0 || start !== '' ? ',' : '') + label(name),
  }));
  const pairsOf = (labels: LabelRecord): string => {
    let pairs = start;
    for (const { name, before } of declared) pairs += before + quoted(String(labels[name]));
    return pairs;
  };
  const own = ownLabel(metric);
  const lines = lineShapes(metric).map(({ ending, own: value }) => ({
    ...nameForms(name + ending),
    own: value === undefined ? '' : label(own!) + quoted(value),
  }));
  if (isBucketed(metric.kind)) {
    const isLabelled = start !== '' || declared.length > 0;
    const { open } = lines[0]!;
    const parts = lines.map(({ bare, open, own }) => (own !== '' ? `${own}} ` : isLabelled ? open : bare));
    const frame = bucketFrame([...parts, isLabelled ? '} ' : ''], open, isLabelled ? 1 : 0);
    return { frame, of: (labels) => [isLabelled ? `${open}${pairsOf(labels)},` : open] };
  }
  return {
    of(labels) {
      const pairs = pairsOf(labels);
      return lines.map(({ bare, open, own }) => {
        if (own === '') return pairs === '' ? bare : `${open}${pairs}} `;
        return pairs === '' ? `${open}${own}} ` : `${open}${pairs},${own}} `;
      });
    },
  };
}

function bucketFrame(list: readonly string[], open: string, after: 0 | 1): BucketFrame {
  const parts = new LineArena();
  for (const part of list) parts.append(part);
  return { parts, bytes: parts.ends[list.length - 1]!, before: Buffer.byteLength(open), after };
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
