import type { NativeCounts } from '../../../collect/store/frozen.ts';
import { NO_BUCKETS } from '../../../collect/store/native/buckets.ts';
import { MAX_SCHEMA, MIN_SCHEMA, MOST_NATIVE_BUCKETS, type NativeShape } from '../../../metric/native.ts';
import { nativeIncrease } from '../../native/increase.ts';

/**
 * What one row's native histogram has more than in the report before, or, if `isWhole`, all it has: a row, its resolution, its
 * zero count, for either side of zero an index and a count for each bucket that is not 0, and its zero threshold.
 */
export type NativeReport = readonly [
  row: number,
  isWhole: boolean,
  schema: number,
  zeroCount: number,
  positive: readonly number[],
  negative: readonly number[],
  zeroThreshold: number,
];

export function reportNative(row: number, now: NativeCounts, before: NativeCounts | undefined): NativeReport {
  const more = before && nativeIncrease(now, before);
  const none = { ...now, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS };
  const { schema, zeroThreshold, zeroCount, positive, negative } = more ?? nativeIncrease(now, none)!;
  return [row, more === undefined, schema, zeroCount, positive, negative, zeroThreshold];
}

/** The counts of a report, which may be anything; `undefined` if it is not in order for such a histogram. */
export function increaseOf(report: unknown, shape: NativeShape): NativeCounts | undefined {
  if (!Array.isArray(report)) return undefined;
  const [, , schema, zeroCount, positive, negative, threshold] = report as unknown[];
  if (!isWhole(schema, MIN_SCHEMA, MAX_SCHEMA) || !isWhole(zeroCount, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  if (!arePairs(positive) || !arePairs(negative) || !isThreshold(threshold, shape)) return undefined;
  return { schema, zeroThreshold: threshold, zeroCount, positive, negative };
}

function isThreshold(value: unknown, { zeroThreshold, maxZeroThreshold }: NativeShape): value is number {
  return typeof value === 'number' && (value === zeroThreshold || (value > zeroThreshold && value <= maxZeroThreshold));
}

// Of the largest double, and the smallest, in the finest resolution.
const MOST_INDEX = 1024 * 2 ** MAX_SCHEMA;
const LEAST_INDEX = -1074 * 2 ** MAX_SCHEMA;

function arePairs(pairs: unknown): pairs is readonly number[] {
  if (!Array.isArray(pairs) || pairs.length % 2 !== 0 || pairs.length > 2 * MOST_NATIVE_BUCKETS) return false;
  for (let i = 0; i < pairs.length; i += 2) {
    const least = i === 0 ? LEAST_INDEX : pairs[i - 2] + 1;
    if (!isWhole(pairs[i], least, MOST_INDEX) || !isWhole(pairs[i + 1], 1, Number.MAX_SAFE_INTEGER)) return false;
  }
  return true;
}

function isWhole(value: unknown, low: number, high: number): value is number {
  return Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}
