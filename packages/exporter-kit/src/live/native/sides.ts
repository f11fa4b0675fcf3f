import type { NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS } from '../../collect/store/native/buckets.ts';
import { MOST_TOGETHER, type NativeWindows, windowSize } from './windows.ts';

// A record of the buckets of one side, all 0 if there are none. Their counts are in a window, of which it has the place and the
// size. Mostly that is for consecutive buckets, of which it has the first one's index. Buckets that are too far apart have their
// indices in another window of that size, in ascending order; then it has its place + 1, and FAR as the first index. What was
// carried out of the counts has a third one of that size, likewise with its place + 1.
const FIRST = 0;
const PLACE = 1;
const SIZE = 2;
const CARRIED = 3;
const INDICES = 4;
/** Where a record has a number that is its owner's. */
export const OWN = 5;
/** Numbers in a record. */
export const RECORD = 6;

const WRAP = 2 ** 32;
// Above all indices, and small enough for any difference of them to be an integer of 32 bits.
const FAR = 2 ** 30;
/** Added to an index, so that it is above 0; an unused number is the largest. */
const BIAS = 2 ** 30;
const UNUSED = WRAP - 1;

/** Counts on one side of zero, described by a record. */
export class NativeSides {
  readonly #windows: NativeWindows;
  readonly #pages: readonly Uint32Array[];

  constructor(windows: NativeWindows) {
    this.#windows = windows;
    this.#pages = windows.pages;
  }

  /** Adds 1 to the bucket `index` of the record at `at`; `false` if that is not one of consecutive buckets, or is still empty. */
  add(records: Int32Array, at: number, index: number): boolean {
    const slot = index - records[at + FIRST]!;
    if (slot < 0 || slot >= records[at + SIZE]!) return false;
    const place = records[at + PLACE]! + slot;
    const page = this.#pages[place >> 9]!;
    const count = page[place & 511]!;
    if (count === 0) return false;
    page[place & 511] = count + 1;
    if (count === WRAP - 1) this.#carry(records, at, slot, 1);
    return true;
  }

  /** Where the count of a bucket is; -1 if there is no place for it. */
  slotOf(records: Int32Array, at: number, index: number): number {
    const size = records[at + SIZE]!;
    if (records[at + INDICES] === 0) {
      const slot = index - records[at + FIRST]!;
      return slot < size ? Math.max(slot, -1) : -1;
    }
    const place = records[at + INDICES]! - 1;
    const page = this.#pages[place >> 9]!;
    const from = place & 511;
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (page[from + middle]! < index + BIAS) low = middle + 1;
      else high = middle;
    }
    return low < size && page[from + low] === index + BIAS ? low : -1;
  }

  addAt(records: Int32Array, at: number, slot: number, by: number): void {
    const place = records[at + PLACE]! + slot;
    const sum = this.#pages[place >> 9]![place & 511]! + by;
    this.#pages[place >> 9]![place & 511] = sum;
    if (sum >= WRAP) this.#carry(records, at, slot, Math.floor(sum / WRAP));
  }

  isEmpty(records: Int32Array, at: number, slot: number): boolean {
    const place = records[at + PLACE]! + slot;
    if (this.#pages[place >> 9]![place & 511] !== 0) return false;
    const carried = records[at + CARRIED]! - 1 + slot;
    return records[at + CARRIED] === 0 || this.#pages[carried >> 9]![carried & 511] === 0;
  }

  /** How many buckets have counts. */
  filled(records: Int32Array | undefined, at: number): number {
    let filled = 0;
    const size = records?.[at + SIZE] ?? 0;
    for (let slot = 0; slot < size; slot++) if (!this.isEmpty(records!, at, slot)) filled++;
    return filled;
  }

  /** Puts buckets in place of those that are there. */
  write(records: Int32Array, at: number, side: NativeSide): void {
    this.clear(records, at);
    if (side.length === 0) return;
    const first = side[0]!;
    const reach = side.at(-2)! - first + 1;
    const buckets = side.length / 2;
    const isFar = reach > Math.max(MOST_TOGETHER, windowSize(2 * buckets));
    const size = windowSize(isFar ? buckets : reach);
    // The next values may be on either side.
    const before = isFar ? 0 : (size - reach) >> 1;
    const place = this.#windows.take(size);
    records[at + PLACE] = place;
    records[at + SIZE] = size;
    records[at + FIRST] = isFar ? FAR : first - before;
    if (isFar) this.#writeIndices(records, at, side);
    for (let i = 0; i < side.length; i += 2)
      this.addAt(records, at, isFar ? i / 2 : before + side[i]! - first, side[i + 1]!);
  }

  #writeIndices(records: Int32Array, at: number, side: NativeSide): void {
    const size = records[at + SIZE]!;
    const place = this.#windows.take(size);
    const page = this.#pages[place >> 9]!;
    for (let slot = 0; slot < size; slot++)
      page[(place & 511) + slot] = 2 * slot < side.length ? side[2 * slot]! + BIAS : UNUSED;
    records[at + INDICES] = place + 1;
  }

  clear(records: Int32Array, at: number): void {
    const size = records[at + SIZE]!;
    if (size > 0) this.#windows.giveBack(records[at + PLACE]!, size);
    for (const other of [CARRIED, INDICES])
      if (records[at + other]! > 0) this.#windows.giveBack(records[at + other]! - 1, size);
    records.fill(0, at, at + OWN);
  }

  #carry(records: Int32Array, at: number, slot: number, by: number): void {
    if (records[at + CARRIED] === 0) records[at + CARRIED] = this.#windows.take(records[at + SIZE]!) + 1;
    const place = records[at + CARRIED]! - 1 + slot;
    this.#pages[place >> 9]![place & 511]! += by;
  }
}

/** The buckets of the record at `at`; none if there is no such record. */
export function readSide(records: Int32Array | undefined, at: number, pages: readonly Uint32Array[]): NativeSide {
  const size = records?.[at + SIZE] ?? 0;
  if (records === undefined || size === 0) return NO_BUCKETS;
  const [place, carried, indices] = [records[at + PLACE]!, records[at + CARRIED]!, records[at + INDICES]!];
  if (carried === 0 && indices === 0) return readWindow(pages[place >> 9]!, place & 511, size, records[at + FIRST]!);
  const side: number[] = [];
  for (let slot = 0; slot < size; slot++) {
    const count = wordAt(pages, place + 1, slot) + (carried === 0 ? 0 : wordAt(pages, carried, slot) * WRAP);
    const index = indices === 0 ? records[at + FIRST]! + slot : wordAt(pages, indices, slot) - BIAS;
    if (count !== 0) side.push(index, count);
  }
  return side;
}

/** Of consecutive buckets, as nearly all are: without an array that grows, since a scrape reads those of each series. */
function readWindow(page: Uint32Array, start: number, size: number, first: number): NativeSide {
  let filled = 0;
  for (let slot = 0; slot < size; slot++) if (page[start + slot] !== 0) filled++;
  if (filled === 0) return NO_BUCKETS;
  const side = new Array<number>(2 * filled);
  for (let slot = 0, to = 0; slot < size; slot++) {
    const count = page[start + slot]!;
    if (count === 0) continue;
    side[to++] = first + slot;
    side[to++] = count;
  }
  return side;
}

const wordAt = (pages: readonly Uint32Array[], window: number, slot: number): number =>
  pages[(window - 1) >> 9]![((window - 1) & 511) + slot]!;
