import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS } from '../../collect/store/native-buckets.ts';
import { MIN_SCHEMA } from '../../metric/native.ts';

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

/**
 * The sum of native histograms with one zero threshold, at least one: in the resolution of the coarsest, or coarser if a side
 * needs more than `maxBuckets` buckets otherwise.
 */
export function mergedNatives(all: readonly NativeCounts[], maxBuckets: number): NativeCounts {
  const lowest = Math.min(...all.map(({ schema }) => schema));
  const sides = (of: (native: NativeCounts) => NativeSide): NativeSide[] =>
    all.map((native) => coarser(of(native), native.schema - lowest));
  const positive = sides((native) => native.positive);
  const negative = sides((native) => native.negative);
  const halvings = Math.max(...[positive, negative].map((parts) => halvingsToFit(parts, maxBuckets, lowest)));
  const sum = (parts: readonly NativeSide[]): NativeSide => summed(parts.map((part) => coarser(part, halvings)));
  return {
    schema: lowest - halvings,
    zeroThreshold: all[0]!.zeroThreshold,
    zeroCount: all.reduce((count, native) => count + native.zeroCount, 0),
    positive: sum(positive),
    negative: sum(negative),
  };
}
