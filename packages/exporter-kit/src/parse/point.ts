import { toNumber } from '../metric/canonical.ts';
import { isBucketed, type Kind } from '../metric/metric.ts';
import { fail, type Line, quote } from './line.ts';

/** What is known so far about one label set of a family: enough to check a histogram. */
export interface Point {
  /** Its first line. */
  readonly line: Line;
  readonly timestampMs: number | undefined;
  /** Upper bounds of the lowest and of the latest bucket. */
  lowest: number;
  bound: number;
  /** Cumulative count of the latest bucket. */
  total: number;
  sum?: number;
  count?: number;
}

export function newPoint(line: Line, timestampMs: number | undefined): Point {
  return { line, timestampMs, lowest: Infinity, bound: -Infinity, total: 0 };
}

/** Adds a sample. `own` is the value of the label that its type writes. */
export function addToPoint(
  line: Line,
  point: Point,
  kind: Kind,
  ending: string,
  own: string | undefined,
  value: number,
): void {
  if (ending === '_sum' || ending === '_gsum') point.sum = value;
  else if (ending === '_count' || ending === '_gcount') point.count = value;
  else if (isBucketed(kind) && own !== undefined) addBucket(line, point, toBound(line, own), value);
  else if (kind === 'summary' && own !== undefined) {
    const quantile = toBound(line, own);
    if (quantile < 0 || quantile > 1) fail(line, `the quantile ${quote(own)} is not between 0 and 1`);
  }
}

function toBound(line: Line, own: string): number {
  const bound = toNumber(own);
  return bound === undefined || Number.isNaN(bound) ? fail(line, `${quote(own)} is not a number`) : bound;
}

function addBucket(line: Line, point: Point, bound: number, value: number): void {
  if (bound <= point.bound) fail(line, 'the buckets are not in ascending order of "le"');
  if (!(value >= point.total)) fail(line, `a bucket count of ${value} follows ${point.total}; buckets are cumulative`);
  point.lowest = Math.min(point.lowest, bound);
  point.bound = bound;
  point.total = value;
}

/** The problem of a histogram that lacks its last bucket, or whose count differs from it. */
export function pointProblem(kind: Kind, point: Point): string | undefined {
  if (!isBucketed(kind)) return undefined;
  if (point.bound !== Infinity) return 'the histogram has no bucket le="+Inf"';
  if (point.count === undefined || point.count === point.total) return undefined;
  return `the histogram's ${kind === 'histogram' ? '_count' : '_gcount'} is ${point.count}, but its bucket le="+Inf" has ${point.total}`;
}
