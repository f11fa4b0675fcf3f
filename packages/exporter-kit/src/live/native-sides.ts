import type { NativeSide } from '../collect/store/frozen.ts';
import { type NativeWindows, windowSize } from './native-windows.ts';

// A record of a window, all 0 if there is none: the index of its first bucket, its place and its number of buckets; and the
// place + 1 of a window of the same size for what was carried out of the counts, 0 if nothing was.
const FIRST = 0;
const PLACE = 1;
const SIZE = 2;
const CARRIED = 3;
/** Where a record has a number that is its owner's. */
export const OWN = 4;
/** Numbers in a record. */
export const RECORD = 5;

const WRAP = 2 ** 32;

/** Counts on one side of zero, each in a window that a record describes. */
export class NativeSides {
  readonly #windows: NativeWindows;
  readonly #pages: readonly Uint32Array[];

  constructor(windows: NativeWindows) {
    this.#windows = windows;
    this.#pages = windows.pages;
  }

  /** Adds 1 to the bucket `index` of the record at `at`; `false` if it is outside the window. */
  add(records: Int32Array, at: number, index: number): boolean {
    const bucket = index - records[at + FIRST]!;
    if (bucket < 0 || bucket >= records[at + SIZE]!) return false;
    const place = records[at + PLACE]! + bucket;
    if (++this.#pages[place >> 9]![place & 511]! === WRAP) this.#carry(records, at, bucket, 1);
    return true;
  }

  /** Puts buckets in place of those that are there. `room` is the window's size at most, unless there are more buckets. */
  write(records: Int32Array, at: number, { first, counts }: NativeSide, room: number): void {
    this.clear(records, at);
    if (counts.length === 0) return;
    const size = Math.min(windowSize(counts.length), Math.max(room, counts.length));
    // The next values may be on either side.
    const before = (size - counts.length) >> 1;
    const place = this.#windows.take(windowSize(size));
    records[at + FIRST] = first - before;
    records[at + PLACE] = place;
    records[at + SIZE] = size;
    counts.forEach((count, i) => {
      const bucket = before + i;
      this.#pages[(place + bucket) >> 9]![(place + bucket) & 511] = count;
      if (count >= WRAP) this.#carry(records, at, bucket, Math.floor(count / WRAP));
    });
  }

  clear(records: Int32Array, at: number): void {
    const size = windowSize(records[at + SIZE]!);
    if (size > 0) this.#windows.giveBack(records[at + PLACE]!, size);
    if (records[at + CARRIED]! > 0) this.#windows.giveBack(records[at + CARRIED]! - 1, size);
    records.fill(0, at, at + OWN);
  }

  #carry(records: Int32Array, at: number, bucket: number, by: number): void {
    if (records[at + CARRIED] === 0) records[at + CARRIED] = this.#windows.take(windowSize(records[at + SIZE]!)) + 1;
    const place = records[at + CARRIED]! - 1 + bucket;
    this.#pages[place >> 9]![place & 511]! += by;
  }
}

/** The buckets of the record at `at`; none if there is no such record. */
export function readSide(
  records: Int32Array | undefined,
  at: number,
  wordAt: (place: number) => number | undefined,
): NativeSide {
  const size = records?.[at + SIZE] ?? 0;
  if (records === undefined || size === 0) return { first: 0, counts: [] };
  const [first, place, carried] = [records[at + FIRST]!, records[at + PLACE]!, records[at + CARRIED]!];
  const countAt = (bucket: number): number =>
    (wordAt(place + bucket) ?? 0) + (carried > 0 ? (wordAt(carried - 1 + bucket) ?? 0) * WRAP : 0);
  let from = 0;
  let to = size;
  while (from < to && countAt(from) === 0) from++;
  while (to > from && countAt(to - 1) === 0) to--;
  if (from === to) return { first: 0, counts: [] };
  return { first: first + from, counts: Array.from({ length: to - from }, (_, i) => countAt(from + i)) };
}
