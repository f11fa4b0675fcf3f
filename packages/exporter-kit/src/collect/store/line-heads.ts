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
  const { frame, headsOf } = shapeOf(metric, escaping);
  const start = Object.entries(constLabels)
    .map(([name, value]) => writtenPair(name, escaping) + quoted(String(value)))
    .join(',');
  const of = (labels: LabelRecord): string[] => headsOf(start, labels);
  return frame === undefined ? { of } : { of, frame: frame(start !== '') };
}

/** What line heads have of the metric alone. */
interface HeadShape {
  /** A row's heads; `start` are the labels of its collector, as they are written. */
  headsOf(start: string, labels: LabelRecord): string[];
  /** A histogram's, of a collector with labels or without. */
  readonly frame?: (startsLabelled: boolean) => BucketFrame;
}

// The same for the columns of all targets: their own would take 40 kB of each.
const shapes = new WeakMap<Metric, Map<Escaping, HeadShape>>();

function shapeOf(metric: Metric, escaping: Escaping): HeadShape {
  const known = shapes.get(metric) ?? new Map<Escaping, HeadShape>();
  shapes.set(metric, known);
  const shape = known.get(escaping) ?? newShape(metric, escaping);
  known.set(escaping, shape);
  return shape;
}

const writtenPair = (name: string, escaping: Escaping): string => `${writtenLabel(escapeLabel(name, escaping))}=`;

function newShape(metric: Metric, escaping: Escaping): HeadShape {
  const label = (name: string): string => writtenPair(name, escaping);
  const name = escapeName(metric.name, escaping);
  if (metric.lines !== undefined) return { headsOf: lineHead(metric, name, label) };
  const declared = metric.labels.map(({ name }) => label(name));
  const pairsOf = (start: string, labels: LabelRecord): string => {
    let pairs = start;
    for (let i = 0; i < declared.length; i++) {
      pairs += (pairs === '' ? '' : ',') + declared[i]! + quoted(String(labels[metric.labels[i]!.name]));
    }
    return pairs;
  };
  const own = ownLabel(metric);
  const lines = lineShapes(metric).map(({ ending, own: value }) => ({
    ...nameForms(name + ending),
    own: value === undefined ? '' : label(own!) + quoted(value),
  }));
  if (isBucketed(metric.kind)) {
    const { open } = lines[0]!;
    const isLabelled = declared.length > 0;
    const frames = [false, true].map((isLabelled) => {
      const parts = lines.map(({ bare, open, own }) => (own !== '' ? `${own}} ` : isLabelled ? open : bare));
      return bucketFrame([...parts, isLabelled ? '} ' : ''], open, isLabelled ? 1 : 0);
    });
    return {
      frame: (startsLabelled) => frames[isLabelled || startsLabelled ? 1 : 0]!,
      headsOf: (start, labels) => [isLabelled || start !== '' ? `${open}${pairsOf(start, labels)},` : open],
    };
  }
  return {
    headsOf(start, labels) {
      const pairs = pairsOf(start, labels);
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
function lineHead(metric: Metric, name: string, label: (name: string) => string): HeadShape['headsOf'] {
  const declared = metric.labels.filter(({ name }) => name !== '').map(({ name }) => ({ name, before: label(name) }));
  const forms = new Map<unknown, ReturnType<typeof nameForms>>();
  return (start, labels) => {
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
