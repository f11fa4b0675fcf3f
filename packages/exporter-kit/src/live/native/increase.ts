import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, sideOfPairs } from '../../collect/store/native-buckets.ts';
import { coarser } from './merged.ts';
import { widened } from './zero-bucket.ts';

/** What one native histogram has more than another. */
export interface NativeIncrease {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  /** Index and count of each bucket that has more, one after the other, by ascending index. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** What `now` has more than `before`, in the resolution and with the zero bucket of `now`; `undefined` if it has less of anything. */
export function nativeIncrease(now: NativeCounts, before: NativeCounts): NativeIncrease | undefined {
  const { schema, zeroThreshold } = now;
  const halvings = before.schema - schema;
  if (halvings < 0 || zeroThreshold < before.zeroThreshold) return undefined;
  const then = widened(before, zeroThreshold);
  const zeroCount = now.zeroCount - then.zeroCount;
  const positive = increases(now.positive, coarser(then.positive, halvings));
  const negative = increases(now.negative, coarser(then.negative, halvings));
  return zeroCount < 0 || positive === undefined || negative === undefined
    ? undefined
    : { schema, zeroThreshold, zeroCount, positive, negative };
}

/** `now` without what was in `before`; the whole of it if that was not a part of it. */
export function nativeDifference(now: NativeCounts, before: NativeCounts): NativeCounts {
  const more = nativeIncrease(now, before);
  if (more === undefined) return now;
  const side = (pairs: readonly number[]): NativeSide => (pairs.length === 0 ? NO_BUCKETS : sideOfPairs(pairs));
  return { ...now, zeroCount: more.zeroCount, positive: side(more.positive), negative: side(more.negative) };
}

function increases({ first, counts }: NativeSide, before: NativeSide): number[] | undefined {
  const from = before.first - first;
  const to = from + before.counts.length;
  if (from < to && (from < 0 || to > counts.length)) return undefined;
  const pairs: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    const more = i >= from && i < to ? counts[i]! - before.counts[i - from]! : counts[i]!;
    if (more < 0) return undefined;
    if (more > 0) pairs.push(first + i, more);
  }
  return pairs;
}
