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
 * strings takes over 100. Rows are never removed; compaction starts a new index.
 */
export class RowIndex {
  #slots = new Int32Array(16);
  #hashes = new Uint32Array(8);
  #rows = 0;

  /** The row with this hash for which `matches` is true, or -1. */
  find(hash: number, matches: (row: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const row = this.#slots[slot]! - 1;
      if (row < 0) return -1;
      if (this.#hashes[row] === hash && matches(row)) return row;
    }
  }

  /** Adds the next row; rows are numbered 0, 1, 2, … in the order they are added. */
  add(hash: number): void {
    if ((this.#rows + 1) * 2 > this.#slots.length) this.#grow();
    this.#hashes[this.#rows] = hash;
    this.#rows++;
    this.#place(hash, this.#rows);
  }

  hashOf(row: number): number {
    return this.#hashes[row]!;
  }

  #place(hash: number, entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread(hash) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }

  #grow(): void {
    const hashes = new Uint32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let row = 0; row < this.#rows; row++) this.#place(hashes[row]!, row + 1);
  }
}

const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;
