import type { LiveFamily } from './family.ts';
import { ignoring } from './ignoring.ts';
import type { Counting, ExemplarLabels } from './instruments.ts';
import type { GivenLabels } from './rows/spellings.ts';
import { isEmptyObject } from './values.ts';

const WANTED = 'inc takes a finite number of 0 or more';

/** Counts in one row: of a counter without labels, or of one that is bound to its labels. */
export class BoundCounter implements Counting<[]> {
  readonly #family: LiveFamily;
  readonly #row: number;
  readonly #at: number;
  #chunk!: Float64Array;
  #looks!: Uint8Array;

  constructor(family: LiveFamily, row: number) {
    this.#family = family;
    this.#row = row;
    this.#at = row & 63;
    this.point();
  }

  /** To be called when the family's cells have moved. */
  point(): void {
    this.#chunk = this.#family.cells.chunks[this.#row >> 6]!;
    this.#looks = this.#family.exemplars.looks[this.#row >> 6]!;
  }

  inc(by: number = 1, exemplar?: ExemplarLabels, third?: ExemplarLabels): void {
    if (typeof by !== 'number') {
      this.#other(by, exemplar, third);
      return;
    }
    const next = this.#chunk[this.#at]! + by;
    if (!(by >= 0 && next < Infinity)) {
      this.#family.refuseValue(this.#row, by, WANTED);
      return;
    }
    this.#chunk[this.#at] = next;
    if (exemplar !== undefined || this.#looks[this.#at] !== 0)
      this.#family.exemplars.counted(this.#row, 0, by, exemplar);
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

  constructor(family: LiveFamily) {
    this.#family = family;
  }

  inc(labels: GivenLabels, by: number = 1, exemplar?: ExemplarLabels): void {
    const family = this.#family;
    if (typeof by !== 'number' || !(by >= 0)) {
      family.refuseGiven(labels, by, WANTED);
      return;
    }
    const row = family.rows.find(labels);
    if (row < 0) return;
    const chunk = family.cells.chunks[row >> 6]!;
    const next = chunk[row & 63]! + by;
    if (!(next < Infinity)) {
      family.refuseValue(row, by, WANTED);
      return;
    }
    chunk[row & 63] = next;
    const { exemplars } = family;
    if (exemplar !== undefined || exemplars.looks[row >> 6]![row & 63] !== 0) exemplars.counted(row, 0, by, exemplar);
  }

  with(labels: GivenLabels): Counting<[]> {
    return this.#family.bind(labels, BoundCounter) ?? ignoring;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}
