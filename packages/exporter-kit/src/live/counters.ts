import type { Exemplars } from './exemplars/exemplars.ts';
import type { LiveFamily } from './family.ts';
import { ignoring } from './ignoring.ts';
import type { Counting, ExemplarLabels } from './instruments.ts';
import type { Rows } from './rows/rows.ts';
import type { GivenLabels } from './rows/spellings.ts';
import { isEmptyObject } from './values.ts';

const WANTED = 'inc takes a finite number of 0 or more';
const SUMMED = 'inc takes no more than leaves the sum finite';

/** Counts in one row: of a counter without labels, or of one that is bound to its labels. */
export class BoundCounter implements Counting<[]> {
  readonly #family: LiveFamily;
  readonly #row: number;
  readonly #at: number;
  readonly #exemplars: Exemplars;
  #chunk!: Float64Array;

  constructor(family: LiveFamily, row: number) {
    this.#family = family;
    this.#row = row;
    this.#at = row & 63;
    this.#exemplars = family.exemplars;
    this.point();
  }

  /** To be called when the family's cells have moved. */
  point(): void {
    this.#chunk = this.#family.cells.chunks[this.#row >> 6]!;
  }

  inc(by: number = 1, exemplar?: ExemplarLabels, third?: ExemplarLabels): void {
    if (typeof by !== 'number') {
      this.#other(by, exemplar, third);
      return;
    }
    const next = this.#chunk[this.#at]! + by;
    if (!(by >= 0 && next < Infinity)) {
      this.#family.refuseValue(this.#row, by, by >= 0 && by < Infinity ? SUMMED : WANTED);
      return;
    }
    this.#chunk[this.#at] = next;
    if (exemplar !== undefined || this.#exemplars.isLooking) this.#exemplars.counted(this.#row, 0, by, exemplar);
  }

  /** Labels `{}`, if a list of labels turns out empty at run time; or a mistake. */
  #other(first: unknown, second: unknown, third: ExemplarLabels | undefined): void {
    if (isEmptyObject(first) && typeof second !== 'object') this.inc(second as number | undefined, third);
    else this.#family.refuseValue(this.#row, first, WANTED);
  }

  with(): this {
    return this;
  }
}

/** Counts in the row of the labels that come with each call. */
export class LabelledCounter {
  readonly #family: LiveFamily;
  // Of the family, so that a call has less to follow.
  readonly #rows: Rows;
  readonly #chunks: readonly Float64Array[];
  readonly #exemplars: Exemplars;

  constructor(family: LiveFamily) {
    this.#family = family;
    this.#rows = family.rows;
    this.#chunks = family.cells.chunks;
    this.#exemplars = family.exemplars;
  }

  inc(labels: GivenLabels, by: number = 1, exemplar?: ExemplarLabels): void {
    if (typeof by !== 'number' || !(by >= 0)) {
      this.#family.refuseGiven(labels, by, WANTED);
      return;
    }
    const row = this.#rows.find(labels);
    if (row < 0) return;
    const chunk = this.#chunks[row >> 6]!;
    const next = chunk[row & 63]! + by;
    if (!(next < Infinity)) {
      this.#family.refuseValue(row, by, by < Infinity ? SUMMED : WANTED);
      return;
    }
    chunk[row & 63] = next;
    if (exemplar !== undefined || this.#exemplars.isLooking) this.#exemplars.counted(row, 0, by, exemplar);
  }

  with(labels: GivenLabels): Counting<[]> {
    return this.#family.bind(labels, BoundCounter) ?? ignoring;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}
