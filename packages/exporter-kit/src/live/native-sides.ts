import type { NativeSide } from '../collect/store/frozen.ts';
import { NativeWindows, windowSize } from './native-windows.ts';

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
  readonly #windows = new NativeWindows();
  readonly #pages: readonly Uint32Array[] = this.#windows.pages;

  /** Adds 1 to the bucket `index` of the record at `at`; `false` if it is outside the window. */
  add(records: Int32Array, at: number, index: number): boolean {
    const bucket = index - records[at + FIRST]!;
    if (bucket < 0 || bucket >= records[at + SIZE]!) return false;
    const place = records[at + PLACE]! + bucket;
    if (++this.#pages[place >> 9]![place & 511]! === WRAP) this.#carry(records, at, bucket, 1);
    return true;
  }

  read(records: Int32Array, at: number): NativeSide {
    return readSide(records, at, (place) => this.#pages[place >> 9]![place & 511]!);
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

  /** A copy of all counts: for each record in a copy of the records, what {@link read} returns now. */
  freeze(): (records: Int32Array, at: number) => NativeSide {
    const words = joined(this.#pages, Uint32Array);
    return (records, at) => readSide(records, at, (place) => words[place]!);
  }

  #carry(records: Int32Array, at: number, bucket: number, by: number): void {
    if (records[at + CARRIED] === 0) records[at + CARRIED] = this.#windows.take(windowSize(records[at + SIZE]!)) + 1;
    const place = records[at + CARRIED]! - 1 + bucket;
    this.#pages[place >> 9]![place & 511]! += by;
  }
}

function readSide(records: Int32Array, at: number, wordAt: (place: number) => number): NativeSide {
  const {
    [at + FIRST]: first = 0,
    [at + PLACE]: place = 0,
    [at + SIZE]: size = 0,
    [at + CARRIED]: carried = 0,
  } = records;
  const counts: number[] = [];
  let empty = 0;
  for (let bucket = 0; bucket < size; bucket++) {
    const count = wordAt(place + bucket) + (carried > 0 ? wordAt(carried - 1 + bucket) * WRAP : 0);
    if (count > 0 || counts.length > 0) counts.push(count);
    else empty++;
  }
  while (counts.at(-1) === 0) counts.pop();
  return { first: counts.length > 0 ? first + empty : 0, counts };
}

/** The contents of chunks in one array; a missing chunk is all zeros. */
export function joined<A extends Int32Array | Uint32Array | Float64Array>(
  chunks: readonly (A | undefined)[],
  type: new (length: number) => A,
): A {
  const length = chunks.find((chunk) => chunk !== undefined)?.length ?? 0;
  const all = new type(chunks.length * length);
  chunks.forEach((chunk, i) => {
    if (chunk !== undefined) all.set(chunk, i * length);
  });
  return all;
}
