import type { Exposure } from './exposure.ts';
import { IDLE, MOVED, SEEN } from './gauges.ts';

/** A family's rows, when it is frozen. */
export interface FrozenRows {
  readonly count: number;
  /** `perRow` numbers for each row. They are kept until the next time, so they must not change. */
  readonly vals: Float64Array;
  readonly exposure: Exposure;
  /** For a gauge, info or stateset: how each row was last written. */
  readonly touched: Uint8Array | undefined;
}

/**
 * Finds rows that are idle: exposed, and with the same numbers for a time, from when a freeze first had them. So each change is
 * read that often, and nothing is hidden that no reader has seen.
 */
export class Idle {
  readonly #afterMs: number;
  readonly #perRow: number;
  // When a freeze first had a row's numbers, on the clock of `performance.now()`; NaN if none had.
  #since = new Float64Array(0);
  #last: Float64Array = new Float64Array(0);

  constructor(afterMs: number, perRow: number) {
    this.#afterMs = afterMs;
    this.#perRow = perRow;
  }

  /** The row is given to another series, or hidden. */
  forget(row: number): void {
    if (row < this.#since.length) this.#since[row] = Number.NaN;
  }

  /** Rows that are idle by now. */
  find({ count, vals, exposure, touched }: FrozenRows): number[] {
    this.#reach(count);
    const since = this.#since;
    const now = performance.now();
    const idle: number[] = [];
    for (let row = 0; row < count; row++) {
      if (!exposure.isShown(row)) continue;
      const changed = touched === undefined ? this.#differs(row, vals) : isBusy(touched[row]!, vals[row]!);
      if (touched !== undefined) touched[row]! |= SEEN;
      if (changed || Number.isNaN(since[row])) since[row] = now;
      else if (now - since[row]! >= this.#afterMs) idle.push(row);
    }
    this.#last = vals;
    return idle;
  }

  #differs(row: number, vals: Float64Array): boolean {
    const end = (row + 1) * this.#perRow;
    for (let at = row * this.#perRow; at < end; at++) if (vals[at] !== this.#last[at]) return true;
    return false;
  }

  #reach(count: number): void {
    if (count <= this.#since.length) return;
    const since = new Float64Array(2 * count).fill(Number.NaN);
    since.set(this.#since);
    this.#since = since;
  }
}

/** Whether a gauge was written since the last freeze, or has been moved away from 0: what moved it will move it back. */
const isBusy = (touched: number, value: number): boolean =>
  (touched & SEEN) === 0 || ((touched & MOVED) !== 0 && value !== 0);

export function markIdle(touched: Uint8Array, rows: readonly number[]): void {
  for (const row of rows) touched[row]! |= IDLE;
}

/** 1 for rows that are marked as idle. */
export const idleOf = (touched: Uint8Array): Uint8Array => touched.map((how) => ((how & IDLE) === 0 ? 0 : 1));
