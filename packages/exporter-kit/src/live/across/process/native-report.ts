import type { NativeCounts, NativeSide } from '../../../collect/store/frozen.ts';
import { nativeIncrease } from '../../../collect/store/native-buckets.ts';
import { MAX_SCHEMA, MIN_SCHEMA, MOST_NATIVE_BUCKETS } from '../../../metric/native.ts';

/**
 * What one row's native histogram has more than in the report before, or, if `isWhole`, all it has: a row, its resolution, its
 * zero count, and for either side of zero the index of the first bucket and the counts from there on.
 */
export type NativeReport = readonly [
  row: number,
  isWhole: boolean,
  schema: number,
  zeroCount: number,
  first: number,
  counts: readonly number[],
  negativeFirst: number,
  negativeCounts: readonly number[],
];

export function reportNative(row: number, now: NativeCounts, before: NativeCounts | undefined): NativeReport {
  const more = before && nativeIncrease(now, before);
  const { schema, zeroCount, positive, negative } = more ?? now;
  const sides = [positive.first, positive.counts, negative.first, negative.counts] as const;
  return [row, more === undefined, schema, zeroCount, ...sides];
}

/** The counts of a report, which may be anything; `undefined` if it is not in order. */
export function countsOf(report: unknown, zeroThreshold: number): NativeCounts | undefined {
  if (!Array.isArray(report)) return undefined;
  const [, , schema, zeroCount, ...sides] = report as unknown[];
  if (!isWhole(schema, MIN_SCHEMA, MAX_SCHEMA) || !isWhole(zeroCount, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  const [positive, negative] = [sideOf(sides[0], sides[1]), sideOf(sides[2], sides[3])];
  if (positive === undefined || negative === undefined) return undefined;
  return { schema, zeroThreshold, zeroCount, positive, negative };
}

// Of the largest double, and the smallest, in the finest resolution.
const MOST_INDEX = 1024 * 2 ** MAX_SCHEMA;
const LEAST_INDEX = -1074 * 2 ** MAX_SCHEMA;

function sideOf(first: unknown, counts: unknown): NativeSide | undefined {
  if (!isWhole(first, LEAST_INDEX, MOST_INDEX) || !Array.isArray(counts)) return undefined;
  if (counts.length > MOST_NATIVE_BUCKETS || first + counts.length - 1 > MOST_INDEX) return undefined;
  return counts.every((count) => isWhole(count, 0, Number.MAX_SAFE_INTEGER)) ? { first, counts } : undefined;
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}
