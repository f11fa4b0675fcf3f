import { double, HIGH, words } from './double.ts';

// Of a double's high word: sign, exponent and 4 bits of the mantissa.
const SHIFT = 16;
// Steps in a table of bytes; a declaration with more bounds than that is searched.
const MOST_BOUNDS = 255;

/** Finds the bucket of a value among upper bounds. */
export interface Ladder {
  readonly bounds: readonly number[];
  /** The first bound that is not below `value`, or, if all are, the number of bounds. */
  find(value: number): number;
}

/**
 * A ladder for positive bounds. A table with 16 entries for each doubling gives the first bound that a value may belong to;
 * from there, few comparisons are left: none if bounds are further apart than that.
 */
class TableLadder implements Ladder {
  readonly bounds: readonly number[];
  readonly #bounds: Float64Array;
  readonly #first: number;
  readonly #last: number;
  readonly #count: number;
  readonly #from: number;
  readonly #table: Uint8Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#bounds = Float64Array.from(bounds);
    this.#count = bounds.length;
    this.#first = bounds[0]!;
    this.#last = bounds.at(-1)!;
    this.#from = topOf(this.#first);
    this.#table = new Uint8Array(topOf(this.#last) - this.#from + 1);
    // The candidate for all values of a step is the last bound that is not above the first of them, or the next.
    let bound = 0;
    for (let step = 0; step < this.#table.length; step++) {
      while (topOf(bounds[bound]!) < this.#from + step) bound++;
      this.#table[step] = bound;
    }
  }

  find(value: number): number {
    if (value <= this.#first) return 0;
    if (value > this.#last) return this.#count;
    double[0] = value;
    let bound = this.#table[(words[HIGH]! >>> SHIFT) - this.#from]!;
    while (value > this.#bounds[bound]!) bound++;
    return bound;
  }
}

function topOf(value: number): number {
  double[0] = value;
  return words[HIGH]! >>> SHIFT;
}

/** A ladder for any bounds, by halving. */
class SearchedLadder implements Ladder {
  readonly bounds: readonly number[];
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }
  find(value: number): number {
    let from = 0;
    let to = this.bounds.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (value > this.bounds[middle]!) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

const ladders = new WeakMap<readonly number[], Ladder>();

/** The ladder of a histogram's bounds; metrics with the same list share one. */
export function ladderOf(bounds: readonly number[]): Ladder {
  const known = ladders.get(bounds);
  if (known !== undefined) return known;
  const ladder =
    bounds.length > 0 && bounds[0]! > 0 && bounds.length <= MOST_BOUNDS
      ? new TableLadder(bounds)
      : new SearchedLadder(bounds);
  ladders.set(bounds, ladder);
  return ladder;
}
