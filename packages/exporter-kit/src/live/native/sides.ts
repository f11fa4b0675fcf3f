import type { NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, trimmed } from '../../collect/store/native-buckets.ts';
import { type NativeWindows, windowSize } from './windows.ts';

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

  /** Adds `by` to a bucket, as {@link add} adds 1. */
  addMany(records: Int32Array, at: number, index: number, by: number): boolean {
    const bucket = index - records[at + FIRST]!;
    if (bucket < 0 || bucket >= records[at + SIZE]!) return false;
    const place = records[at + PLACE]! + bucket;
    const sum = this.#pages[place >> 9]![place & 511]! + by;
    this.#pages[place >> 9]![place & 511] = sum;
    if (sum >= WRAP) this.#carry(records, at, bucket, Math.floor(sum / WRAP));
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
export function readSide(records: Int32Array | undefined, at: number, pages: readonly Uint32Array[]): NativeSide {
  const size = records?.[at + SIZE] ?? 0;
  if (records === undefined || size === 0) return NO_BUCKETS;
  const [place, carried] = [records[at + PLACE]!, records[at + CARRIED]!];
  const page = pages[place >> 9]!;
  const start = place & 511;
  // Zero words may have something carried.
  let [from, to] = [start, start + size];
  if (carried === 0) {
    while (from < to && page[from] === 0) from++;
    while (to > from && page[to - 1] === 0) to--;
  }
  if (from === to) return NO_BUCKETS;
  const counts = new Array<number>(to - from);
  for (let i = from; i < to; i++) counts[i - from] = page[i]!;
  const side = { first: records[at + FIRST]! + from - start, counts };
  return carried === 0 ? side : withCarried(side, pages[(carried - 1) >> 9]!, (carried - 1) & 511);
}

function withCarried({ first, counts }: NativeSide, page: Uint32Array, start: number): NativeSide {
  return trimmed({ first, counts: counts.map((count, i) => count + page[start + i]! * WRAP) });
}
