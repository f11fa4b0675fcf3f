import { labelText } from '../../collect/store/label-values.ts';
import {
  lastChars,
  learned,
  newSeed,
  printOf,
  printOfAll,
  printOfChar,
  type Recipe,
  SAMPLE,
  wholePrintOfAll,
} from './print.ts';

/** Labels as a caller passes them. */
export type GivenLabels = { readonly [label: string]: unknown };

/** A spelling that is not known: the row is to be found by the labels' texts. */
export const UNKNOWN = -1;

// Slots that are looked at for one spelling.
const MOST_PROBES = 16;
// So few spellings are placed again, some times, until each is in its first slot.
const FEW = 24;
const MOST_TRIES = 8;

/**
 * The label values of rows, and rows by labels as a caller spells them: their values and types (200 and '200' are two spellings
 * of one series). One for-in loop reads each label once, keeps up to four values in locals and makes a print of them, from
 * the few characters in which the spellings differ; a spelling with the same print is compared by `===`. No string is made or
 * hashed.
 */
export class Spellings {
  readonly #declared: readonly string[];
  /** Most spellings to remember besides each row's first; beyond it, they are learned again. */
  readonly #most: number;
  /** Label names in the order of the first call: the order that costs least. */
  #names: readonly string[];
  #isOrdered = false;
  // For each declared label, its place among `#names`.
  #places: readonly number[];
  // Whether one loop will do: there are no more than four labels, and a few characters tell spellings apart.
  #isFast = false;
  // A row's number plus 1, or less than 0 the number of another spelling, by print; 0 for an empty slot.
  #slots = new Int32Array(4);
  // Bits of a print that are not of its slot: the upper ones are mixed best.
  #shift = 30;
  #recipe: Recipe;
  // Of the recipe, so that a call has less to follow.
  #packed = 0;
  #more!: Uint8Array;
  // Values of each row as they were given first, in the order of `#names`; `undefined` for a free row.
  #keys: unknown[] = [];
  // Whether a freeze reads them.
  #areFrozen = false;
  // The same of other spellings, and the row of each.
  #others: unknown[] = [];
  #otherRows: number[] = [];
  #seed = newSeed();
  // In `#slots`; those that are not in their first slot, and those that found none.
  #count = 0;
  #moved = 0;
  #crowded = 0;
  #isWhole = false;

  constructor(names: readonly string[], most: number) {
    this.#declared = names;
    this.#names = names;
    this.#places = names.map((_, i) => i);
    this.#most = most;
    this.#recipe = lastChars(names.length);
  }

  /** The row of these labels if they were spelled like this before. Throws only what a getter among them throws. */
  find(labels: GivenLabels): number {
    if (!this.#isFast) return this.#findAny(labels);
    const names = this.#names;
    const more = this.#more;
    let chars = this.#packed;
    let i = 0;
    let print = this.#seed;
    // The last four values.
    let a: unknown;
    let b: unknown;
    let c: unknown;
    let d: unknown;
    for (const name in labels) {
      if (name !== names[i]) return this.#findAny(labels);
      const value = labels[name];
      a = b;
      b = c;
      c = d;
      d = value;
      print = printOf(print, value, chars & 255);
      chars >>= 8;
      i++;
    }
    if (i !== names.length) return UNKNOWN;
    for (let at = 0; at < more.length; at += 2) {
      const back = more[at]!;
      print = printOfChar(print, back === 0 ? d : back === 1 ? c : back === 2 ? b : a, more[at + 1]!);
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (print >>> this.#shift) & mask;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const entry = slots[slot]!;
      if (entry === 0) return UNKNOWN;
      const values = entry > 0 ? this.#keys : this.#others;
      // `imul`, as it knows no -0.
      const last = Math.imul(entry > 0 ? entry : -entry, i) - 1;
      if (
        values[last] === d &&
        (i < 2 || values[last - 1] === c) &&
        (i < 3 || values[last - 2] === b) &&
        (i < 4 || values[last - 3] === a)
      ) {
        return entry > 0 ? entry - 1 : this.#otherRows[-entry - 1]!;
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** The same for labels in another order, and for more than four. Undeclared labels make a spelling unknown. */
  #findAny(labels: GivenLabels): number {
    if (!this.#isOrdered) return UNKNOWN;
    const names = this.#names;
    let given = 0;
    for (const _name in labels) given++;
    return given === names.length ? this.#rowOf(names.map((name) => labels[name])) : UNKNOWN;
  }

  #rowOf(values: readonly unknown[]): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#slotOf(values, 0);
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const entry = slots[slot]!;
      if (entry === 0) return UNKNOWN;
      const [list, from] = this.#placeOf(entry);
      let same = 0;
      while (same < values.length && list[from + same] === values[same]) same++;
      if (same === values.length) return entry > 0 ? entry - 1 : this.#otherRows[-entry - 1]!;
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** Takes the order of labels from a call. */
  learnOrder(labels: GivenLabels): void {
    if (this.#isOrdered) return;
    const names = inOrderOf(labels, this.#declared);
    const rows = this.#keys.length / names.length;
    const texts = Array.from({ length: rows }, (_, row) => this.valuesOf(row));
    this.#isOrdered = true;
    this.#names = names;
    this.#places = this.#declared.map((name) => names.indexOf(name));
    this.#keys = texts.flatMap((values) => this.#ordered(values));
    this.#areFrozen = false;
    let size = this.#slots.length;
    while (rows * 3 > size) size *= 2;
    this.#place(size);
  }

  /** Adds the first spelling of a new row: its values, in declared order. */
  add(row: number, values: readonly unknown[]): void {
    this.#own();
    const ordered = this.#ordered(values);
    const from = row * ordered.length;
    for (let i = 0; i < ordered.length; i++)
      this.#keys[from + i] = isKey(ordered[i]) ? ordered[i] : labelText(ordered[i]);
    if (this.#isOrdered && !this.#placeNew(row + 1)) this.#noteCrowded();
  }

  /** Remembers another spelling of a row. */
  remember(values: readonly unknown[], row: number): void {
    const ordered = this.#ordered(values);
    if (!ordered.every(isKey) || this.#rowOf(ordered) !== UNKNOWN) return;
    const from = row * ordered.length;
    if (ordered.every((value, i) => value === this.#keys[from + i])) {
      if (!this.#placeOne(row + 1)) this.#noteCrowded();
      return;
    }
    if (this.#otherRows.length >= this.#most) this.#keepOthers(() => false);
    for (const value of ordered) this.#others.push(value);
    this.#otherRows.push(row);
    if (this.#placeNew(-this.#otherRows.length)) return;
    this.#others.length -= ordered.length;
    this.#otherRows.pop();
    this.#count--;
    this.#noteCrowded();
  }

  /** Forgets all spellings of rows. */
  free(rows: readonly number[]): void {
    this.#own();
    const count = this.#names.length;
    for (const row of rows) this.#keys.fill(undefined, row * count, (row + 1) * count);
    this.#keepOthers((row) => this.#keys[row * count] !== undefined);
  }

  #keepOthers(isKept: (row: number) => boolean): void {
    const [values, rows, count] = [this.#others, this.#otherRows, this.#names.length];
    this.#others = [];
    this.#otherRows = [];
    for (const [spelling, row] of rows.entries()) {
      if (!isKept(row)) continue;
      for (let i = 0; i < count; i++) this.#others.push(values[spelling * count + i]);
      this.#otherRows.push(row);
    }
    if (this.#isOrdered) this.#place(this.#slots.length);
  }

  /** The values of a row as they were first given, in declared order. */
  valuesOf(row: number): readonly unknown[] {
    return valuesAt(this.#keys, row, this.#places);
  }

  /** Reads the values of rows as they are now, whatever series a row is given to later. */
  freeze(): (row: number) => readonly unknown[] {
    this.#areFrozen = true;
    const [keys, places] = [this.#keys, this.#places];
    return (row) => valuesAt(keys, row, places);
  }

  /** Makes keys that no freeze reads. */
  #own(): void {
    if (!this.#areFrozen) return;
    this.#keys = this.#keys.slice();
    this.#areFrozen = false;
  }

  #ordered(values: readonly unknown[]): readonly unknown[] {
    return this.#names === this.#declared ? values : this.#names.map((name) => values[this.#declared.indexOf(name)]);
  }

  /** Values of an entry of `#slots`: a list, and where they begin in it. */
  #placeOf(entry: number): readonly [list: readonly unknown[], from: number] {
    const count = this.#names.length;
    return entry > 0 ? [this.#keys, (entry - 1) * count] : [this.#others, (-entry - 1) * count];
  }

  /** Entries of all spellings. */
  *#entries(): Generator<number, void, void> {
    const count = this.#names.length;
    for (let row = 0; row * count < this.#keys.length; row++) if (this.#keys[row * count] !== undefined) yield row + 1;
    for (let spelling = 1; spelling <= this.#otherRows.length; spelling++) yield -spelling;
  }

  /** Gives a new entry a slot; `false` if there is none. */
  #placeNew(entry: number): boolean {
    if ((this.#count + 1) * 3 > this.#slots.length) {
      this.#place(this.#slots.length * 2);
      return true;
    }
    this.#count++;
    const moved = this.#moved;
    const isPlaced = this.#placeOne(entry);
    if (this.#moved > moved && this.#count <= FEW) this.#placeAll(this.#slots.length);
    return isPlaced;
  }

  /** A spelling without a slot is found by its texts. If there are many, prints are made of all characters. */
  #noteCrowded(): void {
    this.#crowded++;
    if (this.#isCrowded()) this.#placeByWhole();
  }

  #place(size: number): void {
    const recipe = learned(this.#sample(), this.#recipe);
    this.#isWhole = recipe === undefined;
    if (recipe !== undefined) this.#recipe = recipe;
    this.#placeAll(size);
    if (this.#isCrowded()) this.#placeByWhole();
  }

  #placeByWhole(): void {
    this.#isWhole = true;
    this.#placeAll(this.#slots.length);
  }

  #placeAll(size: number): void {
    this.#shift = 32 - Math.log2(size);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      this.#seed = newSeed();
      this.#slots = new Int32Array(size);
      this.#crowded = 0;
      this.#moved = 0;
      this.#count = 0;
      for (const entry of this.#entries()) {
        this.#count++;
        if (!this.#placeOne(entry)) this.#crowded++;
      }
      if (this.#moved === 0 || this.#count > FEW) break;
    }
    this.#packed = this.#recipe.packed;
    this.#more = this.#recipe.more;
    this.#isFast = !this.#isWhole && this.#names.length <= 4;
  }

  #isCrowded(): boolean {
    return !this.#isWhole && this.#crowded > 32 + this.#count / 8;
  }

  #placeOne(entry: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#slotOf(...this.#placeOf(entry));
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      if (slots[slot] === 0) {
        slots[slot] = entry;
        if (probe > 0) this.#moved++;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  #slotOf(values: readonly unknown[], from: number): number {
    const print = this.#isWhole
      ? wholePrintOfAll(this.#seed, values, from, this.#names.length)
      : printOfAll(this.#seed, values, from, this.#recipe);
    return print >>> this.#shift;
  }

  /** Some of the spellings, from all parts of the list. */
  #sample(): readonly (readonly unknown[])[] {
    const entries = [...this.#entries()];
    return Array.from({ length: Math.min(entries.length, SAMPLE) }, (_, i) => {
      const some = entries.length <= SAMPLE ? i : Math.floor(((i * 0.618034) % 1) * entries.length);
      const [values, from] = this.#placeOf(entries[some]!);
      return values.slice(from, from + this.#names.length);
    });
  }
}

function valuesAt(keys: readonly unknown[], row: number, places: readonly number[]): readonly unknown[] {
  return places.map((place) => keys[row * places.length + place]);
}

/** Whether a value is equal to itself, and so can be found. */
const isKey = (value: unknown): boolean => !Number.isNaN(value);

/** The declared names in the order in which the labels are given. */
function inOrderOf(labels: GivenLabels, declared: readonly string[]): readonly string[] {
  const order: string[] = [];
  for (const name in labels) if (declared.includes(name)) order.push(name);
  return order.length === declared.length && order.some((name, i) => name !== declared[i]) ? order : declared;
}
