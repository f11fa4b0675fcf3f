import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, trimmed } from '../../collect/store/native-buckets.ts';
import { nativeBound, nativeIndex, prepareNativeIndex } from './bucket-index.ts';

/** The same counts with a zero threshold of at least `threshold`: buckets up to it are counted as zero. */
export function widened(counts: NativeCounts, threshold: number): NativeCounts {
  if (threshold <= counts.zeroThreshold) return counts;
  const last = lastWithin(threshold, counts.schema);
  const [inPositive, positive] = split(counts.positive, last);
  const [inNegative, negative] = split(counts.negative, last);
  const zeroCount = counts.zeroCount + inPositive + inNegative;
  return { schema: counts.schema, zeroThreshold: threshold, zeroCount, positive, negative };
}

/**
 * The same histograms with one zero threshold, the largest of them. If that is within a bucket that has counts, it is the upper
 * bound of that bucket, since nobody knows which of its values were smaller. Prometheus does the same.
 */
export function withOneThreshold(all: readonly NativeCounts[]): readonly NativeCounts[] {
  let threshold = Math.max(...all.map(({ zeroThreshold }) => zeroThreshold));
  if (all.every(({ zeroThreshold }) => zeroThreshold === threshold)) return all;
  for (;;) {
    const clear = Math.max(...all.map((counts) => clearOfCounts(counts, threshold)));
    if (clear === threshold) return all.map((counts) => widened(counts, threshold));
    threshold = clear;
  }
}

/**
 * The same histograms of one resolution and threshold, their zero buckets widened by one of the smallest buckets after the other
 * until `fit` or that would be wider than `most`. If it does not help, all of them have the widest zero bucket there is, so that
 * what is counted does not depend on the order of the values.
 */
export function widenedUntil(
  fit: (all: readonly NativeCounts[]) => boolean,
  all: readonly NativeCounts[],
  most: number,
): readonly NativeCounts[] {
  if (most <= all[0]!.zeroThreshold || fit(all)) return all;
  const { schema } = all[0]!;
  const last = lastWithin(most, schema);
  let wider = all;
  while (!fit(wider)) {
    const smallest = smallestBucket(wider);
    const isWidest = smallest > last;
    const bound = nativeBound(Math.min(smallest, last), schema);
    wider = wider.map((counts) => widened(counts, bound));
    if (isWidest) break;
  }
  return wider;
}

/** The largest bucket whose values are all within a threshold. */
function lastWithin(threshold: number, schema: number): number {
  prepareNativeIndex();
  const index = nativeIndex(threshold, schema);
  return nativeBound(index, schema) === threshold ? index : index - 1;
}

function clearOfCounts({ schema, zeroThreshold, positive, negative }: NativeCounts, threshold: number): number {
  if (threshold <= zeroThreshold) return threshold;
  const next = lastWithin(threshold, schema) + 1;
  const bound = nativeBound(next - 1, schema);
  const isWithin =
    bound < threshold && [positive, negative].some(({ first, counts }) => (counts[next - first] ?? 0) > 0);
  return isWithin ? nativeBound(next, schema) : threshold;
}

const smallestBucket = (all: readonly NativeCounts[]): number =>
  Math.min(
    ...all.flatMap(({ positive, negative }) =>
      [positive, negative].map(({ first, counts }) => (counts.length > 0 ? first : Infinity)),
    ),
  );

/** How many counts are in buckets up to `last`; and the other buckets. */
function split({ first, counts }: NativeSide, last: number): readonly [within: number, others: NativeSide] {
  const size = Math.min(Math.max(last - first + 1, 0), counts.length);
  if (size === 0) return [0, { first, counts }];
  const within = counts.slice(0, size).reduce((sum, count) => sum + count, 0);
  return [within, size === counts.length ? NO_BUCKETS : trimmed({ first: first + size, counts: counts.slice(size) })];
}
