import { toNumber } from '../metric/canonical.ts';
import type { Kind } from '../metric/metric.ts';
import { fail, type Line, quote } from './line.ts';

/** What one label set of a family has shown so far: enough to tell whether a histogram holds together. */
export interface Point {
  /** Where it starts. */
  readonly line: Line;
  readonly timestampMs: number | undefined;
  /** The lowest and the latest bucket's upper bound. */
  lowest: number;
  bound: number;
  /** The latest bucket's count, cumulative as it is written. */
  total: number;
  sum?: number;
  count?: number;
}

export function newPoint(line: Line, timestampMs: number | undefined): Point {
  return { line, timestampMs, lowest: Infinity, bound: -Infinity, total: 0 };
}

/** The label that a kind of family writes itself, and what the names of the samples that have it end in. */
export function ownLabel(kind: Kind, family: string): { readonly label: string; readonly ending: string } | undefined {
  if (kind === 'histogram') return { label: 'le', ending: '_bucket' };
  if (kind === 'summary') return { label: 'quantile', ending: '' };
  return kind === 'stateset' ? { label: family, ending: '' } : undefined;
}

/** Adds one sample. `own` is the value of its {@link ownLabel}. */
export function addToPoint(
  line: Line,
  point: Point,
  kind: Kind,
  ending: string,
  own: string | undefined,
  value: number,
): void {
  if (ending === '_sum') point.sum = value;
  else if (ending === '_count') point.count = value;
  else if (kind === 'histogram' && own !== undefined) addBucket(line, point, toBound(line, own), value);
  else if (kind === 'summary' && own !== undefined) {
    const quantile = toBound(line, own);
    if (quantile < 0 || quantile > 1) fail(line, `the quantile ${quote(own)} is not from 0 to 1`);
  }
}

function toBound(line: Line, own: string): number {
  const bound = toNumber(own);
  return bound === undefined || Number.isNaN(bound) ? fail(line, `${quote(own)} is not a number`) : bound;
}

function addBucket(line: Line, point: Point, bound: number, value: number): void {
  if (bound <= point.bound) fail(line, 'the buckets do not come in ascending order of "le"');
  if (!(value >= point.total)) fail(line, `a bucket counts ${value} after ${point.total}, but counts add up`);
  point.lowest = Math.min(point.lowest, bound);
  point.bound = bound;
  point.total = value;
}

/** Says what is wrong with a histogram that ends without its last bucket, or counts something else than that. */
export function pointProblem(kind: Kind, point: Point): string | undefined {
  if (kind !== 'histogram') return undefined;
  if (point.bound !== Infinity) return 'this histogram has no bucket le="+Inf"';
  if (point.count === undefined || point.count === point.total) return undefined;
  return `this histogram's count ${point.count} is not that of its bucket le="+Inf", ${point.total}`;
}
