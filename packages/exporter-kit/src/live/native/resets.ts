import type { Metric } from '../../metric/metric.ts';
import type { Cells } from '../cells.ts';
import type { Exposure } from '../exposure.ts';
import { ladderOf } from '../ladder.ts';
import type { NativeCells } from './cells.ts';

/** What {@link Resets} needs of a family of histograms. */
export interface ResetsOptions {
  readonly metric: Metric;
  readonly cells: Cells;
  readonly native: NativeCells;
  readonly exposure: Exposure;
  /** Forgets all that a row has counted. */
  clear(row: number): void;
}

/**
 * Starts series over whose native histograms have come to their limit of buckets, so that they get their resolution back: at 0,
 * classic buckets too, with a new start timestamp, and no sooner than `resetAfterMs` after the last time.
 */
export class Resets {
  readonly #of: ResetsOptions;

  constructor(of: ResetsOptions) {
    this.#of = of;
  }

  /** A value needs more buckets than there may be. If it is time, it is the first value of a series that starts over. */
  beginWith(row: number, value: number): boolean {
    if (!this.#isTime(row)) return false;
    this.#begin(row);
    const { metric, cells, native } = this.#of;
    const chunk = cells.chunks[row >> 6]!;
    const from = (row & 63) * cells.perRow;
    chunk[from + ladderOf(metric.buckets).find(value)] = 1;
    chunk[from + cells.perRow - 1] = value;
    native.count(row, value);
    return true;
  }

  /** Series that had to give up resolution, when it was not yet time, start over once that has been read. */
  afterReading(rows: number): void {
    const { native, exposure } = this.#of;
    for (let row = 0; row < rows; row++)
      if (exposure.isShown(row) && this.#isTime(row) && native.isLimited(row)) this.#begin(row);
  }

  // By the clock of start timestamps, each of which is then later than the one before.
  #isTime(row: number): boolean {
    const { native, exposure } = this.#of;
    return Date.now() - exposure.starts[row]! >= native.shape.resetAfterMs;
  }

  #begin(row: number): void {
    this.#of.clear(row);
    this.#of.exposure.show(row, Date.now());
  }
}
