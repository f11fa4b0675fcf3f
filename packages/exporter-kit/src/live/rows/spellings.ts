import { learned, noChars, printOf, printOfAll, type Recipe, SEED, wholePrintOfAll } from './print.ts';

/** Labels as a caller passes them. */
export type GivenLabels = { readonly [label: string]: unknown };

/** A spelling that is not remembered: the row is to be found by the labels' texts. */
export const UNKNOWN = -1;

// Slots that are looked at for one spelling.
const MOST_PROBES = 16;
const SPREAD = 0x9e3779b1;

/**
 * Finds rows by labels as a caller spells them: their values and types (200 and '200' are two spellings of one series). One
 * for-in loop reads each label once, keeps up to four values in locals and makes a print of them, from the few characters in
 * which the spellings differ; a spelling with the same print is compared by `===`. No string is made or hashed.
 */
export class Spellings {
  readonly #declared: readonly string[];
  /** Most spellings to remember; beyond it, they are learned again. */
  readonly #most: number;
  /** Label names in the order of the first call: the order that costs least. */
  #names: readonly string[] | undefined;
  // A spelling's number plus 1, by print; 0 for an empty slot.
  #slots = new Int32Array(4);
  // Bits of a print that are not of its slot: the upper ones are mixed best.
  #shift = 30;
  #recipe: Recipe;
  // For each spelling, its values in the order of `#names`, and its row.
  #values: unknown[] = [];
  #rows = new Int32Array(8);
  #count = 0;
  // Spellings that found no slot.
  #crowded = 0;
  #whole = false;

  constructor(names: readonly string[], most: number) {
    this.#declared = names;
    this.#most = most;
    this.#recipe = noChars(names.length);
  }

  /** The row of these labels if they were spelled like this before. Throws only what a getter among them throws. */
  find(labels: GivenLabels): number {
    const names = this.#names;
    if (names === undefined) return UNKNOWN;
    const count = names.length;
    if (count > 4 || this.#whole) return this.#findAny(labels, names);
    const { chars, ends } = this.#recipe;
    let i = 0;
    let print = SEED;
    let from = 0;
    let a: unknown;
    let b: unknown;
    let c: unknown;
    let d: unknown;
    for (const name in labels) {
      if (name !== names[i]) return this.#findAny(labels, names);
      const value = labels[name];
      if (i === 0) a = value;
      else if (i === 1) b = value;
      else if (i === 2) c = value;
      else d = value;
      const to = ends[i]!;
      print = printOf(print, value, chars, from, to);
      from = to;
      i++;
    }
    if (i !== count) return UNKNOWN;
    const values = this.#values;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = Math.imul(print, SPREAD) >>> this.#shift;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const spelling = slots[slot]! - 1;
      if (spelling < 0) return UNKNOWN;
      const at = spelling * count;
      if (
        values[at] === a &&
        (count < 2 || values[at + 1] === b) &&
        (count < 3 || values[at + 2] === c) &&
        (count < 4 || values[at + 3] === d)
      ) {
        return this.#rows[spelling]!;
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** The same for labels in another order, and for more than four. Undeclared labels make a spelling unknown. */
  #findAny(labels: GivenLabels, names: readonly string[]): number {
    let given = 0;
    for (const _name in labels) given++;
    if (given !== names.length) return UNKNOWN;
    const values = names.map((name) => labels[name]);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#slotOf(values, 0);
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const spelling = slots[slot]! - 1;
      if (spelling < 0) return UNKNOWN;
      const at = spelling * names.length;
      let same = 0;
      while (same < values.length && this.#values[at + same] === values[same]) same++;
      if (same === values.length) return this.#rows[spelling]!;
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** Remembers the row of labels whose spelling was unknown: all declared ones, and no others. */
  remember(labels: GivenLabels, row: number): void {
    this.#names ??= inOrderOf(labels, this.#declared);
    const names = this.#names;
    if (this.#count >= this.#most) this.keep(() => false);
    const values = names.map((name) => labels[name]);
    // It is never equal to itself.
    if (values.some(Number.isNaN)) return;
    if ((this.#count + 1) * 3 > this.#slots.length) this.#place(this.#slots.length * 2);
    if (this.#count === this.#rows.length) {
      const rows = new Int32Array(this.#rows.length * 2);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    for (const value of values) this.#values.push(value);
    this.#rows[this.#count++] = row;
    if (this.#placeOne(this.#count - 1)) return;
    this.#values.length -= values.length;
    this.#count--;
    this.#crowded++;
    if (this.#isCrowded()) this.#placeByWhole();
  }

  /** Forgets the spellings of all other rows. */
  keep(isKept: (row: number) => boolean): void {
    const [values, rows, count] = [this.#values, this.#rows, this.#count];
    const names = this.#declared.length;
    this.#values = [];
    this.#count = 0;
    for (let spelling = 0; spelling < count; spelling++) {
      if (!isKept(rows[spelling]!)) continue;
      for (let i = 0; i < names; i++) this.#values.push(values[spelling * names + i]);
      rows[this.#count++] = rows[spelling]!;
    }
    this.#place(this.#slots.length);
  }

  #place(size: number): void {
    const recipe = learned(this.#values, this.#count, this.#recipe);
    this.#whole = recipe === undefined;
    if (recipe !== undefined) this.#recipe = recipe;
    this.#placeAll(size);
    if (this.#isCrowded()) this.#placeByWhole();
  }

  #placeByWhole(): void {
    this.#whole = true;
    this.#placeAll(this.#slots.length);
  }

  #placeAll(size: number): void {
    this.#slots = new Int32Array(size);
    this.#shift = 32 - Math.log2(size);
    this.#crowded = 0;
    for (let spelling = 0; spelling < this.#count; spelling++) if (!this.#placeOne(spelling)) this.#crowded++;
  }

  #isCrowded(): boolean {
    return !this.#whole && this.#crowded > 32 + this.#count / 8;
  }

  #placeOne(spelling: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#slotOf(this.#values, spelling * this.#declared.length);
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      if (slots[slot] === 0) {
        slots[slot] = spelling + 1;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  #slotOf(values: readonly unknown[], from: number): number {
    const print = this.#whole
      ? wholePrintOfAll(values, from, this.#declared.length)
      : printOfAll(values, from, this.#recipe);
    return Math.imul(print, SPREAD) >>> this.#shift;
  }
}

/** The declared names in the order in which the labels are given. */
function inOrderOf(labels: GivenLabels, declared: readonly string[]): readonly string[] {
  const order: string[] = [];
  for (const name in labels) if (declared.includes(name)) order.push(name);
  return order.length === declared.length ? order : declared;
}
