import type { SharedMemory } from './shared-memory.ts';

// Of a record, before its text: the bytes that it has room for, and those that it has.
const HEAD = 8;
const SMALLEST = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Label values of rows in shared memory, written by one thread. Records that are no longer used serve for other rows. */
export class LabelRecords {
  readonly #memory: SharedMemory;
  // By the bytes they have room for.
  readonly #unused: Map<number, number[]> = new Map();

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** The place of a record with these values; 0 if there is no room. */
  write(values: readonly string[], fromReserve: boolean): number {
    const bytes = encoder.encode(JSON.stringify(values));
    const room = Math.max(SMALLEST, 2 ** Math.ceil(Math.log2(bytes.length)));
    const place = this.#unused.get(room)?.pop() ?? this.#memory.allocate(HEAD + room, fromReserve);
    if (place === 0) return 0;
    const { words, buffer } = this.#memory;
    words[place / 4] = room;
    words[place / 4 + 1] = bytes.length;
    new Uint8Array(buffer, place + HEAD, bytes.length).set(bytes);
    return place;
  }

  giveBack(place: number): void {
    const room = this.#memory.words[place / 4]!;
    const unused = this.#unused.get(room) ?? [];
    unused.push(place);
    this.#unused.set(room, unused);
  }
}

/** The text of a record's values. It may be anything, if the record is written meanwhile. */
export function readLabels({ words, buffer }: SharedMemory, place: number): string {
  const length = Math.min(words[place / 4]!, words[place / 4 + 1]!);
  // A decoder does not take shared memory.
  return decoder.decode(new Uint8Array(buffer, place + HEAD, length).slice());
}
