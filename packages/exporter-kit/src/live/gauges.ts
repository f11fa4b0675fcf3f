import type { LiveFamily } from './family.ts';
import { ignoring } from './ignoring.ts';
import type { Measuring } from './instruments.ts';
import type { GivenLabels } from './rows/spellings.ts';
import { andThen, isEmptyObject } from './values.ts';

const WANTED = 'a gauge takes a number';

// How a gauge was last written; and added to that, when a freeze has seen it, and when it has been idle since.
export const SET = 1;
export const MOVED = 2;
export const SEEN = 4;
export const IDLE = 8;

/** Writes one row: of a gauge without labels, or of one that is bound to its labels. */
export class BoundGauge implements Measuring<[]> {
  readonly #family: LiveFamily;
  readonly #row: number;
  readonly #at: number;
  #chunk!: Float64Array;

  constructor(family: LiveFamily, row: number) {
    this.#family = family;
    this.#row = row;
    this.#at = row & 63;
    this.point();
  }

  /** To be called when the family's cells have moved. */
  point(): void {
    this.#chunk = this.#family.cells.chunks[this.#row >> 6]!;
  }

  set(value: number, second?: number): void {
    if (typeof value !== 'number') {
      this.#other(value, second, 'set');
      return;
    }
    this.#chunk[this.#at] = value;
    this.#family.touched[this.#row] = SET;
  }

  inc(by: number = 1, second?: number): void {
    if (typeof by !== 'number') {
      this.#other(by, second, 'inc');
      return;
    }
    this.#chunk[this.#at]! += by;
    this.#family.touched[this.#row] = MOVED;
  }

  dec(by: number = 1, second?: number): void {
    if (typeof by !== 'number') {
      this.#other(by, second, 'dec');
      return;
    }
    this.#chunk[this.#at]! -= by;
    this.#family.touched[this.#row] = MOVED;
  }

  setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }

  track<T>(...args: readonly [work: () => T]): T {
    this.inc();
    return andThen(args.at(-1)!, () => this.dec());
  }

  /** Labels `{}`, if a list of labels turns out empty at run time; or a mistake. */
  #other(first: unknown, second: unknown, write: 'set' | 'inc' | 'dec'): void {
    if (isEmptyObject(first) && typeof second !== 'object') this[write](second as number);
    else this.#family.refuseValue(this.#row, first, WANTED);
  }

  with(): this {
    return this;
  }
}

/** Writes the row of the labels that come with each call. */
export class LabelledGauge {
  readonly #family: LiveFamily;

  constructor(family: LiveFamily) {
    this.#family = family;
  }

  set(labels: GivenLabels, value: number): void {
    const family = this.#family;
    if (typeof value !== 'number') {
      family.refuseGiven(labels, value, WANTED);
      return;
    }
    const row = family.rows.find(labels);
    if (row < 0) return;
    family.cells.chunks[row >> 6]![row & 63] = value;
    family.touched[row] = SET;
  }

  inc(labels: GivenLabels, by: number = 1): void {
    const family = this.#family;
    if (typeof by !== 'number') {
      family.refuseGiven(labels, by, WANTED);
      return;
    }
    const row = family.rows.find(labels);
    if (row < 0) return;
    family.cells.chunks[row >> 6]![row & 63]! += by;
    family.touched[row] = MOVED;
  }

  dec(labels: GivenLabels, by: number = 1): void {
    if (typeof by !== 'number') this.#family.refuseGiven(labels, by, WANTED);
    else this.inc(labels, -by);
  }

  setToCurrentTime(labels: GivenLabels): void {
    this.set(labels, Date.now() / 1000);
  }

  /** The row is bound meanwhile, so that what was added is taken from the same one. */
  track<T>(labels: GivenLabels, work: () => T): T {
    return this.with(labels).track(work);
  }

  with(labels: GivenLabels): Measuring<[]> {
    return this.#family.bind(labels, BoundGauge) ?? ignoring;
  }

  remove(labels: GivenLabels): void {
    this.#family.remove(labels);
  }
}
