import type { NativeBucket, NativeHistogram } from '../../native-histogram.ts';
import type { NativeCounts, NativeSide } from '../frozen.ts';

/** Buckets on one side of zero, as protobuf has them. */
export interface NativeSpans {
  /** Runs of consecutive buckets: the distance from the end of the run before, or the first one's index; and the length. */
  readonly spans: readonly (readonly [offset: number, length: number])[];
  /** For each bucket of the spans: its count, less that of the bucket before. */
  readonly deltas: readonly number[];
}

export const NO_BUCKETS: NativeSide = Object.freeze([]);

/** The spans of both sides. A histogram that nothing else shows to be native has an empty span. */
export function nativeSpans({ zeroThreshold, zeroCount, positive, negative }: NativeBuckets): {
  readonly positive: NativeSpans;
  readonly negative: NativeSpans;
} {
  const isBare = zeroThreshold === 0 && zeroCount === 0 && positive.length + negative.length === 0;
  return { positive: isBare ? { spans: [[0, 0]], deltas: [] } : spansOf(positive), negative: spansOf(negative) };
}

/** Whether any count is not whole, as of a histogram that was computed. Formats have other fields for such. */
export const hasFractions = ({ count, zeroCount, positive, negative }: NativeHistogram): boolean =>
  !Number.isInteger(count) ||
  !Number.isInteger(zeroCount) ||
  positive.some(([, own]) => !Number.isInteger(own)) ||
  negative.some(([, own]) => !Number.isInteger(own));

/** The counts of all buckets of the spans, in place of deltas, which would lose digits of fractions. */
export function countsIn({ spans }: NativeSpans, buckets: readonly NativeBucket[]): number[] {
  const counts: number[] = [];
  let [index, next] = [0, 0];
  for (const [offset, length] of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) counts.push(buckets[next]?.[0] === index ? buckets[next++]![1] : 0);
  }
  return counts;
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

  ofSide(side: NativeSide): this {
    this.#clear();
    for (let i = 0; i < side.length; i += 2) this.#add(side[i]!, side[i + 1]!);
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

function pairsOf(side: NativeSide): NativeBucket[] {
  const pairs: NativeBucket[] = [];
  for (let i = 0; i < side.length; i += 2) pairs.push([side[i]!, side[i + 1]!]);
  return pairs;
}
