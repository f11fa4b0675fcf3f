import type { FrozenFamily } from '../collect/store/frozen.ts';
import type { Rows } from './rows/rows.ts';

/** Hidden until it is written, exposed, or handed over: then another thread is about to take its numbers. */
const HIDDEN = 0;
const SHOWN = 1;
const HANDED_OVER = 2;

type Series = Pick<FrozenFamily, 'ids' | 'starts'>;

/** Which of a family's rows are exposed, and since when each has counted. */
export class Exposure {
  /** By row. */
  states: Uint8Array = new Uint8Array(8);
  /** In milliseconds since the epoch. */
  starts: Float64Array = new Float64Array(8);
  // Of the last freeze, until a series begins, ends, or is shown or hidden.
  #series: Series | undefined;
  #areAllShown = false;

  /** Whether all rows are known to be exposed, as most families' are all the time. */
  get areAllShown(): boolean {
    return this.#series !== undefined && this.#areAllShown;
  }

  isShown(row: number): boolean {
    return this.states[row] === SHOWN;
  }

  isHidden(row: number): boolean {
    return this.states[row] === HIDDEN;
  }

  show(row: number, start: number): void {
    if (row >= this.states.length) {
      this.states = extended(this.states, new Uint8Array(2 * row));
      this.starts = extended(this.starts, new Float64Array(2 * row));
    }
    this.states[row] = SHOWN;
    this.starts[row] = start;
    this.#series = undefined;
  }

  hide(row: number): void {
    this.states[row] = HIDDEN;
    this.#series = undefined;
  }

  handOver(row: number): void {
    this.states[row] = HANDED_OVER;
    this.#series = undefined;
  }

  /** The ids of exposed rows. The same arrays while nothing changes, as at most freezes. */
  series({ ids: all, count }: Pick<Rows, 'ids' | 'count'>, withStarts: boolean): Series {
    if (this.#series !== undefined) return this.#series;
    const ids = all.slice(0, count);
    this.#areAllShown = true;
    for (let row = 0; row < count; row++) {
      if (this.states[row] === SHOWN) continue;
      ids[row] = 0;
      this.#areAllShown = false;
    }
    this.#series = { ids, starts: withStarts ? this.starts.slice(0, count) : undefined };
    return this.#series;
  }
}

export function extended<List extends Uint8Array | Float64Array>(list: List, longer: List): List {
  longer.set(list);
  return longer;
}
