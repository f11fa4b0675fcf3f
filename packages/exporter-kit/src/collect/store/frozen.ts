import type { Metric } from '../../metric/metric.ts';
import type { Context } from '../context.ts';
import type { DropReason } from './drops.ts';
import type { Exemplar } from './exemplar.ts';

/**
 * The numbers of a collector that keeps them itself, as `live` does. It is read after each run of `collect`, by the numbers
 * rather than through writers, so that nothing is looked up.
 */
export interface Feed {
  /** Of this interface. A reader that does not know it lets `collect` write the rows. */
  readonly version: 1;
  freeze(options?: FreezeOptions): Frozen;
}

/** What a reader has a use for, besides what every format has. */
export interface FreezeOptions {
  /** Whether to copy native histograms, which are larger than all else and have no place in text; default `false`. */
  readonly natives?: boolean;
}

/** A copy of a feed's numbers: it does not change. */
export interface Frozen {
  readonly families: readonly FrozenFamily[];
  /** Counts of refused calls, since the start, and the first one for each reason. */
  readonly drops: {
    readonly counts: ReadonlyMap<DropReason, number>;
    readonly first: ReadonlyMap<DropReason, string>;
  };
  /** Returns the first refused call since this was last called, for tests. */
  takeRefused(): string | undefined;
}

/** One family of a feed. Rows keep their numbers; one that is no longer needed may be given to another series. */
export interface FrozenFamily {
  readonly metric: Metric;
  /** For each row a number of the series that it holds, another one for each; 0 if it is not exposed. */
  readonly ids: Uint32Array;
  /** `cells` numbers for each row, as in a snapshot's column. */
  readonly vals: Float64Array;
  readonly cells: number;
  /** For each row of a counter or histogram, when it began to count, in milliseconds since the epoch. */
  readonly starts?: Float64Array | undefined;
  /** As many as `vals`: of a counter's row, or of a histogram's bucket. Absent if there is none. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
  /** Of a gauge, info or stateset of which there are other parts: 1 for rows that were not written for `idleAfterMs`. */
  readonly idle?: Uint8Array | undefined;
  /** The values of the row's labels at the freeze, in the order of their declaration. Valid for rows that hold a series. */
  labelsOf(row: number): readonly string[];
  /** The row's native histogram; absent for a family that counts none, and unless asked for. Valid for rows that are exposed. */
  readonly nativeOf?: ((row: number) => NativeCounts) | undefined;
}

/** Counts of a native histogram. Bucket `i` is for values above `b^(i-1)` and up to `b^i`, where `b` is `2^(2^-schema)`. */
export interface NativeCounts {
  readonly schema: number;
  readonly zeroThreshold: number;
  /** Observations within the zero threshold. */
  readonly zeroCount: number;
  readonly positive: NativeSide;
  /** Buckets of absolute values. */
  readonly negative: NativeSide;
}

/**
 * Buckets on one side of zero that have counted something: the index of each, and its own count after it, by ascending index.
 * However far apart they are, they take no more room.
 */
export type NativeSide = readonly number[];

/** What tells `collect` that its feed is read: the version that the reader knows. */
export interface FeedContext extends Context<unknown> {
  readonly feedVersion?: 1;
}
