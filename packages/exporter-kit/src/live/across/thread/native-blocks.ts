import type { NativeCounts } from '../../../collect/store/frozen.ts';
import type { NativeShape } from '../../../metric/native.ts';
import { freezeNatives } from '../../native/frozen.ts';
import {
  addNativePart,
  NATIVE_PARTS,
  type NativeMemory,
  type NativePart,
  type NativeParts,
  nativeBytes,
  ownMemory,
} from '../../native/memory.ts';
import type { NativeWords, SharedMemory } from './shared-memory.ts';

// A block is the place of the next one, what it is a part of, its number among such parts, and then the part.
const NEXT = 0;
const PART = 1;
const NUMBER = 2;
const HEAD = 16;
// In place of a version: there was no room for a part.
const INCOMPLETE = -1;
// A change takes microseconds, unless the thread that makes it has to wait for a processor.
const TRIES = 8;

/** Follows the blocks from `last` on. Returns the word that has, or will have, the place of the next one. */
function readParts(memory: SharedMemory, last: number, parts: NativeParts): number {
  let word = last;
  for (;;) {
    const place = Atomics.load(memory.words, word);
    if (place === 0) return word;
    word = place / 4 + NEXT;
    const part = NATIVE_PARTS[memory.words[place / 4 + PART]!]!;
    addNativePart(parts, part, memory.words[place / 4 + NUMBER]!, { buffer: memory.buffer, byteOffset: place + HEAD });
  }
}

const newParts = (): NativeParts => ({ positive: [], negative: [], zeros: [], pages: [] });

/** Native counts of one family in a stripe, written by the thread that has claimed it. */
export class NativeBlocks implements NativeMemory {
  readonly #memory: SharedMemory;
  readonly #version: number;
  // Of the thread before: they are used again.
  readonly #unused: NativeParts = newParts();
  #last: number;

  constructor(memory: SharedMemory, { first, version }: NativeWords) {
    this.#memory = memory;
    this.#version = version;
    Atomics.store(memory.words, version, 0);
    this.#last = readParts(memory, first, this.#unused);
    for (const parts of Object.values(this.#unused)) for (const part of parts) part?.fill(0);
  }

  make(part: NativePart, i: number): Pick<Uint8Array, 'buffer' | 'byteOffset'> {
    const { words, buffer } = this.#memory;
    const unused = this.#unused[part][i];
    if (unused !== undefined) return unused;
    const place = this.#memory.allocate(HEAD + nativeBytes(part), false);
    if (place === 0) {
      // Counted all the same, but not read: without it the others would be less than what was observed.
      Atomics.store(words, this.#version, INCOMPLETE);
      return ownMemory.make(part, i);
    }
    words[place / 4 + PART] = NATIVE_PARTS.indexOf(part);
    words[place / 4 + NUMBER] = i;
    Atomics.store(words, this.#last, place);
    this.#last = place / 4 + NEXT;
    return { buffer, byteOffset: place + HEAD };
  }

  change(work: () => void): void {
    this.#step();
    try {
      work();
    } finally {
      this.#step();
    }
  }

  #step(): void {
    const { words } = this.#memory;
    const version = Atomics.load(words, this.#version);
    if (version !== INCOMPLETE) Atomics.store(words, this.#version, (version + 1) & 0x7fff_ffff);
  }
}

/** Native counts of one family in another thread's stripe. */
export class NativeReader {
  readonly #memory: SharedMemory;
  readonly #shape: NativeShape;
  readonly #version: number;
  readonly #parts: NativeParts = newParts();
  #last: number;
  #copy: ((row: number) => NativeCounts) | undefined;

  constructor(memory: SharedMemory, { first, version }: NativeWords, shape: NativeShape) {
    this.#memory = memory;
    this.#shape = shape;
    this.#version = version;
    this.#last = first;
  }

  /** A copy of all counts, or, if they are being changed for long, the one before; `undefined` if they are not complete. */
  freeze(): ((row: number) => NativeCounts) | undefined {
    const { words } = this.#memory;
    for (let tries = 0; tries < TRIES; tries++) {
      const version = Atomics.load(words, this.#version);
      if (version === INCOMPLETE) return undefined;
      if (version % 2 === 0) {
        this.#last = readParts(this.#memory, this.#last, this.#parts);
        const copy = freezeNatives(this.#shape, this.#parts);
        if (Atomics.load(words, this.#version) === version) {
          this.#copy = copy;
          break;
        }
      } else Atomics.wait(words, this.#version, version, 1);
    }
    return this.#copy;
  }
}
