import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS } from '../../collect/store/native-buckets.ts';
import { MIN_SCHEMA, type NativeShape } from '../../metric/native.ts';
import { widenedUntil, withOneThreshold } from './zero-bucket.ts';

/** The bucket that holds bucket `index` if the resolution is halved `halvings` times. */
const coarserIndex = (index: number, halvings: number): number => ((index - 1) >> halvings) + 1;

/** The same buckets with the resolution halved `halvings` times. */
export function coarser(side: NativeSide, halvings: number): NativeSide {
  const { first, counts } = side;
  if (halvings === 0 || counts.length === 0) return side;
  const from = coarserIndex(first, halvings);
  const joined = new Array<number>(coarserIndex(first + counts.length - 1, halvings) - from + 1).fill(0);
  counts.forEach((count, i) => {
    joined[coarserIndex(first + i, halvings) - from]! += count;
  });
  return { first: from, counts: joined };
}

/** The sums of buckets of one resolution. */
function summed(sides: readonly NativeSide[]): NativeSide {
  const filled = sides.filter(({ counts }) => counts.length > 0);
  if (filled.length < 2) return filled[0] ?? NO_BUCKETS;
  const [from, to] = reach(filled);
  const sums = new Array<number>(to - from).fill(0);
  for (const { first, counts } of filled) {
    counts.forEach((count, i) => {
      sums[first - from + i]! += count;
    });
  }
  return { first: from, counts: sums };
}

/** How often the resolution must be halved until the sides together need no more than `most` buckets. */
function halvingsToFit(sides: readonly NativeSide[], most: number, schema: number): number {
  const filled = sides.filter(({ counts }) => counts.length > 0);
  if (filled.length === 0) return 0;
  const [from, to] = reach(filled);
  let halvings = 0;
  while (schema - halvings > MIN_SCHEMA && coarserIndex(to - 1, halvings) - coarserIndex(from, halvings) >= most)
    halvings++;
  return halvings;
}

function reach(sides: readonly NativeSide[]): readonly [from: number, to: number] {
  return [
    Math.min(...sides.map(({ first }) => first)),
    Math.max(...sides.map(({ first, counts }) => first + counts.length)),
  ];
}

/** Limits of a native histogram's buckets. */
export type NativeLimits = Pick<NativeShape, 'maxBuckets' | 'maxZeroThreshold'>;

/**
 * The sum of native histograms, at least one: with the widest zero bucket and in the coarsest resolution of them. If a side needs
 * more than `maxBuckets` buckets, the zero bucket is widened up to `maxZeroThreshold`, then the resolution is made coarser.
 */
export function mergedNatives(
  all: readonly NativeCounts[],
  { maxBuckets, maxZeroThreshold }: NativeLimits,
): NativeCounts {
  const lowest = Math.min(...all.map(({ schema }) => schema));
  const alike = withOneThreshold(all).map((native) => ({
    ...native,
    schema: lowest,
    positive: coarser(native.positive, native.schema - lowest),
    negative: coarser(native.negative, native.schema - lowest),
  }));
  const fit = (some: readonly NativeCounts[]): boolean =>
    [some.map(({ positive }) => positive), some.map(({ negative }) => negative)].every(
      (sides) => bucketsOf(sides) <= maxBuckets,
    );
  const parts = widenedUntil(fit, alike, maxZeroThreshold);
  const positive = parts.map((native) => native.positive);
  const negative = parts.map((native) => native.negative);
  const halvings = Math.max(...[positive, negative].map((sides) => halvingsToFit(sides, maxBuckets, lowest)));
  const sum = (sides: readonly NativeSide[]): NativeSide => summed(sides.map((side) => coarser(side, halvings)));
  return {
    schema: lowest - halvings,
    zeroThreshold: parts[0]!.zeroThreshold,
    zeroCount: parts.reduce((count, native) => count + native.zeroCount, 0),
    positive: sum(positive),
    negative: sum(negative),
  };
}

/** How many buckets the sides need together. */
function bucketsOf(sides: readonly NativeSide[]): number {
  const filled = sides.filter(({ counts }) => counts.length > 0);
  if (filled.length === 0) return 0;
  const [from, to] = reach(filled);
  return to - from;
}
