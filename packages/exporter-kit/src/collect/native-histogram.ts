import type { Exemplar } from './store/exemplar.ts';

/** A bucket's index, and how many values it counts: its own, not those of the buckets below. Mostly a whole number. */
export type NativeBucket = readonly [index: number, count: number];

/**
 * A native histogram: counts in exponential buckets. Bucket `i` is for values above `b^(i-1)` and up to `b^i`, where `b` is
 * `2^(2^-schema)`. Formats with spans and deltas get these from `nativeSpans`.
 */
export interface NativeHistogram {
  /** Resolution, from -4 (each bound is 65,536 times the one before) to 8 (0.3 % above it). */
  readonly schema: number;
  /** Values up to this distance from 0 are in the zero bucket. */
  readonly zeroThreshold: number;
  /** A whole number, as all counts, unless the histogram was computed: Prometheus's rates and averages have fractions. */
  readonly zeroCount: number;
  /** By ascending index, without empty buckets. */
  readonly positive: readonly NativeBucket[];
  /** Of absolute values. */
  readonly negative: readonly NativeBucket[];
  readonly sum: number;
  /** All values: those of the buckets, and NaN. */
  readonly count: number;
  /** Whether it may go down, as a gauge does: the distribution of values at one moment. */
  readonly gauge: boolean;
  /** In no order; absent if there are none. */
  readonly exemplars?: readonly Exemplar[];
}
