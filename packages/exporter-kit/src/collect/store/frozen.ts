import type { Metric } from '../../metric/metric.ts';
import type { Context } from '../context.ts';
import type { DropReason } from './drops.ts';

/**
 * The numbers of a collector that keeps them itself, as `live` does. It is read after each run of `collect`, by the numbers
 * rather than through writers, so that nothing is looked up.
 */
export interface Feed {
  /** Of this interface. A reader that does not know it lets `collect` write the rows. */
  readonly version: 1;
  freeze(): Frozen;
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
  /** The values of the row's labels, in the order of their declaration. Valid for rows that are exposed. */
  labelsOf(row: number): readonly string[];
}

/** What tells `collect` that its feed is read: the version that the reader knows. */
export interface FeedContext extends Context<unknown> {
  readonly feedVersion?: 1;
}
