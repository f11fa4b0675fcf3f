import { labelText } from '../../collect/store/label-values.ts';
import type { GivenLabels } from './spellings.ts';

/**
 * Label values of a family's rows as they were given first, which are kept once, and other spellings of them. An entry is
 * one of these: a row's number plus 1, or less than 0 the number of another spelling.
 */
export class LabelLists {
  readonly #declared: readonly string[];
  /** Label names in the order of the first call: the order that costs least. */
  names: readonly string[];
  isOrdered = false;
  /** Values of each row, in the order of `names`; `undefined` for a free row. */
  keys: unknown[] = [];
  /** The same of other spellings, and the row of each. */
  others: unknown[] = [];
  otherRows: number[] = [];
  // For each declared label, its place among `names`.
  #places: readonly number[];
  // Whether a freeze reads the keys.
  #areFrozen = false;

  constructor(names: readonly string[]) {
    this.#declared = names;
    this.names = names;
    this.#places = names.map((_, i) => i);
  }

  /** Takes the order of labels from a call. */
  learnOrder(labels: GivenLabels): void {
    const names = inOrderOf(labels, this.#declared);
    const rows = names.length === 0 ? 0 : this.keys.length / names.length;
    const all = Array.from({ length: rows }, (_, row) => this.valuesOf(row));
    this.isOrdered = true;
    this.names = names;
    this.#places = this.#declared.map((name) => names.indexOf(name));
    this.keys = all.flatMap((values) => this.ordered(values));
    this.#areFrozen = false;
  }

  /** Values in declared order, in the order of `names`. */
  ordered(values: readonly unknown[]): readonly unknown[] {
    return this.names === this.#declared ? values : this.names.map((name) => values[this.#declared.indexOf(name)]);
  }

  /** @param values in the order of `names`. */
  setRow(row: number, values: readonly unknown[]): void {
    this.#own();
    const from = row * values.length;
    for (let i = 0; i < values.length; i++) this.keys[from + i] = isKey(values[i]) ? values[i] : labelText(values[i]);
  }

  isOfRow(row: number, values: readonly unknown[]): boolean {
    return values.every((value, i) => value === this.keys[row * values.length + i]);
  }

  /** Adds another spelling of a row; returns its entry. */
  addOther(row: number, values: readonly unknown[]): number {
    for (const value of values) this.others.push(value);
    return -this.otherRows.push(row);
  }

  /** Takes the last of the other spellings away. */
  dropOther(): void {
    this.otherRows.pop();
    this.others.length = this.otherRows.length * this.names.length;
  }

  forgetOthers(): void {
    this.others = [];
    this.otherRows = [];
  }

  /** Forgets all spellings of rows. */
  free(rows: readonly number[]): void {
    this.#own();
    const count = this.names.length;
    for (const row of rows) this.keys.fill(undefined, row * count, (row + 1) * count);
    const [values, all] = [this.others, this.otherRows];
    this.forgetOthers();
    for (const [spelling, row] of all.entries()) {
      if (this.keys[row * count] !== undefined)
        this.addOther(row, values.slice(spelling * count, (spelling + 1) * count));
    }
  }

  /** Values of an entry: a list, and where they begin in it. */
  placeOf(entry: number): readonly [list: readonly unknown[], from: number] {
    const count = this.names.length;
    return entry > 0 ? [this.keys, (entry - 1) * count] : [this.others, (-entry - 1) * count];
  }

  /** All entries. */
  entries(): readonly number[] {
    const count = this.names.length;
    const found: number[] = [];
    for (let row = 0; row * count < this.keys.length; row++)
      if (this.keys[row * count] !== undefined) found.push(row + 1);
    for (let spelling = 1; spelling <= this.otherRows.length; spelling++) found.push(-spelling);
    return found;
  }

  /** The values of a row, in declared order. */
  valuesOf(row: number): readonly unknown[] {
    return valuesAt(this.keys, row, this.#places);
  }

  /** Reads the values of rows as they are now, whatever series a row is given to later. */
  freeze(): (row: number) => readonly unknown[] {
    this.#areFrozen = true;
    const [keys, places] = [this.keys, this.#places];
    return (row) => valuesAt(keys, row, places);
  }

  /** Makes keys that no freeze reads. */
  #own(): void {
    if (!this.#areFrozen) return;
    this.keys = this.keys.slice();
    this.#areFrozen = false;
  }
}

/** Whether a value is equal to itself, and so can be found. */
export const isKey = (value: unknown): boolean => !Number.isNaN(value);

function valuesAt(keys: readonly unknown[], row: number, places: readonly number[]): readonly unknown[] {
  return places.map((place) => keys[row * places.length + place]);
}

/** The declared names in the order in which the labels are given. */
function inOrderOf(labels: GivenLabels, declared: readonly string[]): readonly string[] {
  const order: string[] = [];
  for (const name in labels) if (declared.includes(name)) order.push(name);
  return order.length === declared.length && order.some((name, i) => name !== declared[i]) ? order : declared;
}
