import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
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
 * The same histogram, its zero bucket widened by one of the smallest buckets after the other until it is `fit` or its zero bucket
 * would be wider than `most`. If that does not help, it has the widest zero bucket there is, so that what is counted does not
 * depend on the order of the values.
 */
export function widenedUntil(fit: (counts: NativeCounts) => boolean, counts: NativeCounts, most: number): NativeCounts {
  const { schema } = counts;
  if (most <= counts.zeroThreshold || fit(counts)) return counts;
  const last = lastWithin(most, schema);
  let wider = counts;
  while (!fit(wider)) {
    const smallest = Math.min(wider.positive[0] ?? Infinity, wider.negative[0] ?? Infinity);
    wider = widened(wider, nativeBound(Math.min(smallest, last), schema));
    if (smallest > last) break;
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
  const isWithin =
    nativeBound(next - 1, schema) < threshold && (hasBucket(positive, next) || hasBucket(negative, next));
  return isWithin ? nativeBound(next, schema) : threshold;
}

function hasBucket(side: NativeSide, index: number): boolean {
  for (let i = 0; i < side.length; i += 2) if (side[i] === index) return true;
  return false;
}

/** How many counts are in buckets up to `last`; and the other buckets. */
function split(side: NativeSide, last: number): readonly [within: number, others: NativeSide] {
  let [within, from] = [0, 0];
  for (; from < side.length && side[from]! <= last; from += 2) within += side[from + 1]!;
  return from === 0 ? [0, side] : [within, side.slice(from)];
}
