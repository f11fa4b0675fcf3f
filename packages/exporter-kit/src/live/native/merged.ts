import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { MIN_SCHEMA, type NativeShape } from '../../metric/native.ts';
import { widenedUntil, withOneThreshold } from './zero-bucket.ts';

/** The bucket that holds bucket `index` if the resolution is halved `halvings` times. */
const coarserIndex = (index: number, halvings: number): number => ((index - 1) >> halvings) + 1;

/** The same buckets with the resolution halved `halvings` times. */
export function coarser(side: NativeSide, halvings: number): NativeSide {
  if (halvings === 0) return side;
  const joined: number[] = [];
  for (let i = 0; i < side.length; i += 2) {
    const index = coarserIndex(side[i]!, halvings);
    if (joined.at(-2) === index) joined[joined.length - 1]! += side[i + 1]!;
    else joined.push(index, side[i + 1]!);
  }
  return joined;
}

/** The sums of buckets of one resolution. */
function summed(some: NativeSide, others: NativeSide): NativeSide {
  if (some.length === 0) return others;
  if (others.length === 0) return some;
  const sums: number[] = [];
  for (let [a, b] = [0, 0]; a < some.length || b < others.length; ) {
    const index = Math.min(some[a] ?? Infinity, others[b] ?? Infinity);
    let count = 0;
    if (some[a] === index) {
      count += some[a + 1]!;
      a += 2;
    }
    if (others[b] === index) {
      count += others[b + 1]!;
      b += 2;
    }
    sums.push(index, count);
  }
  return sums;
}

/** How many buckets there would be if the resolution were halved `halvings` times. */
function bucketsAt(side: NativeSide, halvings: number): number {
  let buckets = 0;
  let last = Number.NaN;
  for (let i = 0; i < side.length; i += 2) {
    const index = coarserIndex(side[i]!, halvings);
    if (index !== last) buckets++;
    last = index;
  }
  return buckets;
}

/** Limits of a native histogram's buckets. */
export type NativeLimits = Pick<NativeShape, 'maxBuckets' | 'maxZeroThreshold'>;

/**
 * The sum of native histograms, at least one: with the widest zero bucket and in the coarsest resolution of them. If more than
 * `maxBuckets` buckets have counts, the zero bucket is widened up to `maxZeroThreshold`, then the resolution is made coarser.
 */
export function mergedNatives(all: readonly NativeCounts[], limits: NativeLimits): NativeCounts {
  const schema = Math.min(...all.map((native) => native.schema));
  const [first, ...others] = withOneThreshold(all);
  const at = ({ positive, negative, ...native }: NativeCounts): NativeCounts => ({
    ...native,
    schema,
    positive: coarser(positive, native.schema - schema),
    negative: coarser(negative, native.schema - schema),
  });
  let sum = at(first!);
  for (const other of others) {
    const { zeroCount, positive, negative } = at(other);
    sum = {
      ...sum,
      zeroCount: sum.zeroCount + zeroCount,
      positive: summed(sum.positive, positive),
      negative: summed(sum.negative, negative),
    };
  }
  return limited(sum, limits);
}

function limited(sum: NativeCounts, { maxBuckets, maxZeroThreshold }: NativeLimits): NativeCounts {
  const fit = ({ positive, negative }: NativeCounts, halvings = 0): boolean =>
    bucketsAt(positive, halvings) + bucketsAt(negative, halvings) <= maxBuckets;
  const wide = widenedUntil(fit, sum, maxZeroThreshold);
  let halvings = 0;
  while (wide.schema - halvings > MIN_SCHEMA && !fit(wide, halvings)) halvings++;
  return {
    ...wide,
    schema: wide.schema - halvings,
    positive: coarser(wide.positive, halvings),
    negative: coarser(wide.negative, halvings),
  };
}
