/** A stripe that no thread writes. */
export const FREE = 0;
/** A stripe that a running thread writes. */
export const CLAIMED = 1;
/** A stripe whose thread has ended: its numbers are still to be added to those of the thread that shares the memory. */
export const ENDED = 2;

/** Where a family's native counts in a stripe begin: words with the place of the first block, and with a version. */
export interface NativeWords {
  readonly first: number;
  /** Odd while the counts are changed in a way that must not be read. */
  readonly version: number;
}

/** Most threads at once. */
export const STRIPES = 256;

// In words of 32 bits: where free memory begins, in bytes; then the stripes.
const TOP = 0;
const FIRST_STRIPE = 2;
// Of a stripe: its state, how often it was claimed, its thread, and the one that started that; then four words for each family.
const STATE = 0;
const CLAIMS = 1;
const THREAD = 2;
const PARENT = 3;
const FAMILIES = 4;
const PER_FAMILY = 4;

/**
 * Memory that threads share: a stripe for each thread, which only that thread writes, and blocks that are given out once and stay
 * where they are. Nothing waits for anything.
 */
export class SharedMemory {
  readonly buffer: SharedArrayBuffer;
  /** The whole of it. */
  readonly words: Int32Array;
  readonly #families: number;
  readonly #reserve: number;

  /** @param buffer from another thread; otherwise it is made, with so many bytes. */
  constructor(families: number, buffer: SharedArrayBuffer | number) {
    this.#families = families;
    this.buffer = typeof buffer === 'number' ? new SharedArrayBuffer(buffer) : buffer;
    this.words = new Int32Array(this.buffer);
    // For overflow series, so that sums stay right when there is no room for others.
    this.#reserve = this.buffer.byteLength >> 4;
    const header = 4 * (FIRST_STRIPE + STRIPES * (FAMILIES + PER_FAMILY * families));
    Atomics.compareExchange(this.words, TOP, 0, (header + 7) & ~7);
  }

  /** The place of a new block of zeros, in bytes, a multiple of 8; 0 if there is no room. */
  allocate(bytes: number, fromReserve: boolean): number {
    const end = this.buffer.byteLength - (fromReserve ? 0 : this.#reserve);
    for (;;) {
      const top = Atomics.load(this.words, TOP);
      const next = top + ((bytes + 7) & ~7);
      if (next > end) return 0;
      if (Atomics.compareExchange(this.words, TOP, top, next) === top) return top;
    }
  }

  /** A stripe for this thread; -1 if all are taken. */
  claim(thread: number, parent: number): number {
    for (let stripe = 0; stripe < STRIPES; stripe++) {
      const at = this.#at(stripe);
      if (Atomics.compareExchange(this.words, at + STATE, FREE, CLAIMED) !== FREE) continue;
      Atomics.store(this.words, at + THREAD, thread);
      Atomics.store(this.words, at + PARENT, parent);
      Atomics.add(this.words, at + CLAIMS, 1);
      return stripe;
    }
    return -1;
  }

  stateOf(stripe: number): number {
    return Atomics.load(this.words, this.#at(stripe) + STATE);
  }

  /** Another number for each thread that has claimed it. */
  claimsOf(stripe: number): number {
    return Atomics.load(this.words, this.#at(stripe) + CLAIMS);
  }

  free(stripe: number): void {
    Atomics.store(this.words, this.#at(stripe) + STATE, FREE);
  }

  /** Marks the stripes of a thread that has ended, and of threads that it had started: they have ended with it. */
  end(thread: number): void {
    for (let stripe = 0; stripe < STRIPES; stripe++) {
      const at = this.#at(stripe);
      if (Atomics.load(this.words, at + STATE) !== CLAIMED) continue;
      const owner = Atomics.load(this.words, at + THREAD);
      if (owner === thread) Atomics.store(this.words, at + STATE, ENDED);
      else if (Atomics.load(this.words, at + PARENT) === thread) this.end(owner);
    }
  }

  /** Index of the word that has the place of a family's first block in a stripe. */
  blocksWord(stripe: number, family: number): number {
    return this.#at(stripe) + FAMILIES + PER_FAMILY * family;
  }

  /** Index of the word that has the place of a family's `touched` in a stripe. */
  touchedWord(stripe: number, family: number): number {
    return this.blocksWord(stripe, family) + 1;
  }

  /** Indices of the words that a family's native counts have in a stripe. */
  nativeWords(stripe: number, family: number): NativeWords {
    const at = this.blocksWord(stripe, family);
    return { first: at + 2, version: at + 3 };
  }

  #at(stripe: number): number {
    return FIRST_STRIPE + stripe * (FAMILIES + PER_FAMILY * this.#families);
  }
}
