import { MIN_SCHEMA } from '../../metric/native.ts';
import type { NativeBucket, NativeHistogram } from '../native-histogram.ts';
import type { NativeCounts, NativeSide } from './frozen.ts';

/** Buckets on one side of zero, as protobuf has them. */
export interface NativeSpans {
  /** Runs of consecutive buckets: the distance from the end of the run before, or the first one's index; and the length. */
  readonly spans: readonly (readonly [offset: number, length: number])[];
  /** For each bucket of the spans: its count, less that of the bucket before. */
  readonly deltas: readonly number[];
}

export const NO_BUCKETS: NativeSide = Object.freeze({ first: 0, counts: Object.freeze([]) });

/** The spans of both sides. A histogram that nothing else shows to be native has an empty span. */
export function nativeSpans({ zeroThreshold, zeroCount, positive, negative }: NativeBuckets): {
  readonly positive: NativeSpans;
  readonly negative: NativeSpans;
} {
  const isBare = zeroThreshold === 0 && zeroCount === 0 && positive.length + negative.length === 0;
  return { positive: isBare ? { spans: [[0, 0]], deltas: [] } : spansOf(positive), negative: spansOf(negative) };
}

type NativeBuckets = Pick<NativeHistogram, 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative'>;

function spansOf(buckets: readonly NativeBucket[]): NativeSpans {
  const { offsets, lengths, spans, deltas, buckets: count } = new SpanList().ofPairs(buckets);
  return {
    spans: Array.from({ length: spans }, (_, i) => [offsets[i]!, lengths[i]!]),
    deltas: deltas.slice(0, count),
  };
}

/** Buckets that are empty, but cheaper to list than to begin a new span for. client_golang fills as many. */
const FILLED = 2;

/**
 * Makes spans and deltas of the buckets of one side. It can be used again: encoders make no lists for each histogram, and its
 * own keep what they had after their first `spans` and `buckets`.
 */
export class SpanList {
  spans = 0;
  readonly offsets: number[] = [];
  readonly lengths: number[] = [];
  /** Buckets of all spans. */
  buckets = 0;
  readonly deltas: number[] = [];
  /** What all buckets have counted. */
  total = 0;
  #next = 0;
  #last = 0;

  ofPairs(buckets: readonly NativeBucket[]): this {
    this.#clear();
    for (const [index, count] of buckets) this.#add(index, count);
    return this;
  }

  ofSide({ first, counts }: NativeSide): this {
    this.#clear();
    for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) this.#add(first + i, counts[i]!);
    return this;
  }

  #clear(): void {
    this.spans = 0;
    this.buckets = 0;
    this.total = 0;
    this.#next = 0;
    this.#last = 0;
  }

  #add(index: number, count: number): void {
    const gap = index - this.#next;
    if (this.spans === 0 || gap > FILLED) {
      this.offsets[this.spans] = gap;
      this.lengths[this.spans++] = 1;
    } else {
      this.lengths[this.spans - 1]! += gap + 1;
      for (let filled = 0; filled < gap; filled++) {
        this.deltas[this.buckets++] = 0 - this.#last;
        this.#last = 0;
      }
    }
    this.deltas[this.buckets++] = count - this.#last;
    this.#last = count;
    this.#next = index + 1;
    this.total += count;
  }
}

/** Counts as a native histogram with this sum, all of whose values are in buckets. */
export function nativeOfCounts(
  { schema, zeroThreshold, zeroCount, positive, negative }: NativeCounts,
  sum: number,
): NativeHistogram {
  const above = pairsOf(positive);
  const below = pairsOf(negative);
  let count = zeroCount;
  for (const [, own] of above) count += own;
  for (const [, own] of below) count += own;
  return { schema, zeroThreshold, zeroCount, positive: above, negative: below, sum, count, gauge: false };
}

function pairsOf({ first, counts }: NativeSide): NativeBucket[] {
  const pairs: NativeBucket[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) pairs.push([first + i, counts[i]!]);
  return pairs;
}

/** The bucket that holds bucket `index` if the resolution is halved `halvings` times. */
const coarserIndex = (index: number, halvings: number): number => ((index - 1) >> halvings) + 1;

/** The same buckets with the resolution halved `halvings` times. */
function coarser(side: NativeSide, halvings: number): NativeSide {
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

/** What one native histogram has more than another. */
export interface NativeIncrease {
  readonly schema: number;
  readonly zeroCount: number;
  /** Index and count of each bucket that has more, one after the other, by ascending index. */
  readonly positive: readonly number[];
  readonly negative: readonly number[];
}

/** What `now` has more than `before`, in the resolution of `now`; `undefined` if it has less of anything. */
export function nativeIncrease(now: NativeCounts, before: NativeCounts): NativeIncrease | undefined {
  const { schema } = now;
  const halvings = before.schema - schema;
  if (halvings < 0) return undefined;
  const zeroCount = now.zeroCount - before.zeroCount;
  const positive = increases(now.positive, coarser(before.positive, halvings));
  const negative = increases(now.negative, coarser(before.negative, halvings));
  return zeroCount < 0 || positive === undefined || negative === undefined
    ? undefined
    : { schema, zeroCount, positive, negative };
}

/** `now` without what was in `before`; the whole of it if that was not a part of it. */
export function nativeDifference(now: NativeCounts, before: NativeCounts): NativeCounts {
  const more = nativeIncrease(now, before);
  if (more === undefined) return now;
  const side = (pairs: readonly number[]): NativeSide => (pairs.length === 0 ? NO_BUCKETS : sideOfPairs(pairs));
  return { ...now, zeroCount: more.zeroCount, positive: side(more.positive), negative: side(more.negative) };
}

/** The buckets of ascending indices, each with its count after it; at least one. */
export function sideOfPairs(pairs: readonly number[]): NativeSide {
  const first = pairs[0]!;
  const counts = new Array<number>(pairs.at(-2)! - first + 1).fill(0);
  for (let i = 0; i < pairs.length; i += 2) counts[pairs[i]! - first] = pairs[i + 1]!;
  return { first, counts };
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

/** Without zeros at the ends. */
export function trimmed({ first, counts }: NativeSide): NativeSide {
  const from = counts.findIndex((count) => count !== 0);
  if (from < 0) return NO_BUCKETS;
  return { first: first + from, counts: counts.slice(from, counts.findLastIndex((count) => count !== 0) + 1) };
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
