import { isKey, LabelLists } from './label-lists.ts';
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
  readonly #lists: LabelLists;
  /** Most spellings to remember besides each row's first; beyond it, they are learned again. */
  readonly #most: number;
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
  #seed = newSeed();
  // In `#slots`; those that are not in their first slot, and those that found none.
  #count = 0;
  #moved = 0;
  #crowded = 0;
  #isWhole = false;

  constructor(names: readonly string[], most: number) {
    this.#lists = new LabelLists(names);
    this.#most = most;
    this.#recipe = lastChars(names.length);
  }

  /** The row of these labels if they were spelled like this before. Throws only what a getter among them throws. */
  find(labels: GivenLabels): number {
    if (!this.#isFast) return this.#findAny(labels);
    const lists = this.#lists;
    const { names } = lists;
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
    const entry = this.#slots[print >>> this.#shift]!;
    if (entry > 0) {
      const { keys } = lists;
      // `imul`, as it knows no -0.
      const last = Math.imul(entry, i) - 1;
      if (
        keys[last] === d &&
        (i < 2 || keys[last - 1] === c) &&
        (i < 3 || keys[last - 2] === b) &&
        (i < 4 || keys[last - 3] === a)
      ) {
        return entry - 1;
      }
    }
    return entry === 0 ? UNKNOWN : this.#findFurther(print, i, a, b, c, d);
  }

  /** Looks in all slots of a print. Apart from `find`, as it is needed rarely, and would make that one slower. */
  #findFurther(print: number, count: number, a: unknown, b: unknown, c: unknown, d: unknown): number {
    const lists = this.#lists;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = print >>> this.#shift;
    for (let probe = 0; probe < MOST_PROBES; probe++) {
      const entry = slots[slot]!;
      if (entry === 0) return UNKNOWN;
      const values = entry > 0 ? lists.keys : lists.others;
      const last = Math.imul(entry > 0 ? entry : -entry, count) - 1;
      if (
        values[last] === d &&
        (count < 2 || values[last - 1] === c) &&
        (count < 3 || values[last - 2] === b) &&
        (count < 4 || values[last - 3] === a)
      ) {
        return entry > 0 ? entry - 1 : lists.otherRows[-entry - 1]!;
      }
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** The same for labels in another order, and for more than four. Undeclared labels make a spelling unknown. */
  #findAny(labels: GivenLabels): number {
    const { names, isOrdered } = this.#lists;
    if (!isOrdered) return UNKNOWN;
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
      const [list, from] = this.#lists.placeOf(entry);
      let same = 0;
      while (same < values.length && list[from + same] === values[same]) same++;
      if (same === values.length) return entry > 0 ? entry - 1 : this.#lists.otherRows[-entry - 1]!;
      slot = (slot + 1) & mask;
    }
    return UNKNOWN;
  }

  /** Takes the order of labels from a call. */
  learnOrder(labels: GivenLabels): void {
    if (this.#lists.isOrdered) return;
    this.#lists.learnOrder(labels);
    let size = this.#slots.length;
    while (this.#lists.entries().length * 3 > size) size *= 2;
    this.#place(size);
  }

  /** Adds the first spelling of a new row: its values, in declared order. */
  add(row: number, values: readonly unknown[]): void {
    const lists = this.#lists;
    lists.setRow(row, lists.ordered(values));
    if (lists.isOrdered && !this.#placeNew(row + 1)) this.#noteCrowded();
  }

  /** Remembers another spelling of a row. */
  remember(values: readonly unknown[], row: number): void {
    const lists = this.#lists;
    const ordered = lists.ordered(values);
    if (!ordered.every(isKey) || this.#rowOf(ordered) !== UNKNOWN) return;
    if (lists.isOfRow(row, ordered)) {
      if (!this.#placeOne(row + 1)) this.#noteCrowded();
      return;
    }
    if (lists.otherRows.length >= this.#most) {
      lists.forgetOthers();
      this.#place(this.#slots.length);
    }
    if (this.#placeNew(lists.addOther(row, ordered))) return;
    lists.dropOther();
    this.#count--;
    this.#noteCrowded();
  }

  /** Forgets all spellings of rows. */
  free(rows: readonly number[]): void {
    this.#lists.free(rows);
    if (this.#lists.isOrdered) this.#place(this.#slots.length);
  }

  /** The values of a row as they were first given, in declared order. */
  valuesOf(row: number): readonly unknown[] {
    return this.#lists.valuesOf(row);
  }

  /** Reads the values of rows as they are now, whatever series a row is given to later. */
  freeze(): (row: number) => readonly unknown[] {
    return this.#lists.freeze();
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
    const entries = this.#lists.entries();
    this.#shift = 32 - Math.log2(size);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      this.#seed = newSeed();
      this.#slots = new Int32Array(size);
      this.#crowded = 0;
      this.#moved = 0;
      this.#count = 0;
      for (const entry of entries) {
        this.#count++;
        if (!this.#placeOne(entry)) this.#crowded++;
      }
      if (this.#moved === 0 || this.#count > FEW) break;
    }
    this.#packed = this.#recipe.packed;
    this.#more = this.#recipe.more;
    this.#isFast = !this.#isWhole && this.#lists.names.length <= 4;
  }

  #isCrowded(): boolean {
    return !this.#isWhole && this.#crowded > 32 + this.#count / 8;
  }

  #placeOne(entry: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#slotOf(...this.#lists.placeOf(entry));
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
      ? wholePrintOfAll(this.#seed, values, from, this.#lists.names.length)
      : printOfAll(this.#seed, values, from, this.#recipe);
    return print >>> this.#shift;
  }

  /** Some of the spellings, from all parts of the list. */
  #sample(): readonly (readonly unknown[])[] {
    const entries = this.#lists.entries();
    return Array.from({ length: Math.min(entries.length, SAMPLE) }, (_, i) => {
      const some = entries.length <= SAMPLE ? i : Math.floor(((i * 0.618034) % 1) * entries.length);
      const [values, from] = this.#lists.placeOf(entries[some]!);
      return values.slice(from, from + this.#lists.names.length);
    });
  }
}
