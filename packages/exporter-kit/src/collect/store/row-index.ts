// Seeded, so that collisions can't be provoked by choosing label values.
const seed = Math.floor(Math.random() * 2 ** 31);

/** Hash of a row's label values; a separator distinguishes `ab`,`c` from `a`,`bc`. */
export function hashValues(values: readonly string[]): number {
  let hash = seed;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    for (let j = 0; j < value.length; j++) hash = Math.imul(hash ^ value.charCodeAt(j), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  return hash >>> 0;
}

/**
 * Finds rows by the hash of their labels: open addressing in one typed array, 8 to 16 bytes per row, where a Map of key
 * strings takes over 100.
 */
export class RowIndex {
  // A row's number plus 1; 0 for an empty slot, REMOVED where a row was.
  #slots = NO_SLOTS;
  #hashes = NO_HASHES;
  // Rows are numbered below this.
  #rows = 0;
  #taken = 0;
  #removed = 0;

  /** The row with this hash for which `matches` is true, or -1. */
  find(hash: number, matches: (row: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry === 0) return -1;
      if (entry > 0 && this.#hashes[entry - 1] === hash && matches(entry - 1)) return entry - 1;
    }
  }

  /** Adds a row, by default the next: rows are then numbered 0, 1, 2, … in the order they are added. */
  add(hash: number, row: number = this.#rows): void {
    if ((this.#taken + 1) * 2 > this.#slots.length) this.#grow();
    if (row >= this.#hashes.length) {
      const hashes = new Uint32Array(Math.max(this.#hashes.length * 2, row + 1));
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes[row] = hash;
    if (row >= this.#rows) this.#rows = row + 1;
    this.#place(hash, row + 1);
  }

  /** Removes a row, whose number can then be added again. */
  remove(row: number): void {
    const mask = this.#slots.length - 1;
    for (let slot = spread(this.#hashes[row]!) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#slots[slot] !== row + 1) continue;
      this.#slots[slot] = REMOVED;
      this.#removed++;
      return;
    }
  }

  hashOf(row: number): number {
    return this.#hashes[row]!;
  }

  #place(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.#slots[slot]! > 0) slot = (slot + 1) & mask;
    if (this.#slots[slot] === REMOVED) this.#removed--;
    else this.#taken++;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    const slots = this.#slots;
    const sparse = this.#removed * 2 > this.#taken;
    this.#slots = new Int32Array(sparse ? slots.length : slots.length * 2);
    this.#taken = 0;
    this.#removed = 0;
    for (const entry of slots) if (entry > 0) this.#place(this.#hashes[entry - 1]!, entry);
  }
}

const REMOVED = -1;
// Of an index without rows; never written to.
const NO_SLOTS = new Int32Array(1);
const NO_HASHES = new Uint32Array(0);

const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;
