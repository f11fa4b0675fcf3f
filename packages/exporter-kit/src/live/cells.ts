/** Rows of a chunk. */
export const CHUNK_ROWS = 64;

/**
 * The numbers of a family's rows, in chunks: whoever counts in a row can hold its chunk and offset. They move once at most.
 */
export class Cells {
  /** Numbers per row. */
  readonly perRow: number;
  /** Row `r` is in chunk `r >> 6`, from `(r & 63) * perRow` on. */
  readonly chunks: Float64Array[] = [];
  #makeChunk: (i: number) => Float64Array;

  constructor(perRow: number) {
    this.perRow = perRow;
    this.#makeChunk = () => new Float64Array(CHUNK_ROWS * perRow);
  }

  /** Makes room for rows below `rows`. */
  reach(rows: number): void {
    while (this.chunks.length * CHUNK_ROWS < rows) this.chunks.push(this.#makeChunk(this.chunks.length));
  }

  /** Moves the numbers to chunks that `makeChunk` returns, now and from now on. */
  move(makeChunk: (i: number) => Float64Array): void {
    this.#makeChunk = makeChunk;
    this.chunks.forEach((chunk, i) => {
      this.chunks[i] = makeChunk(i);
      this.chunks[i]!.set(chunk);
    });
  }

  clear(row: number): void {
    const at = (row & (CHUNK_ROWS - 1)) * this.perRow;
    this.chunks[row >> 6]!.fill(0, at, at + this.perRow);
  }

  /** A copy of the numbers of the first `rows` rows. */
  copy(rows: number): Float64Array {
    const all = freshNumbers(rows * this.perRow);
    for (let i = 0, at = 0; at < all.length; i++, at += CHUNK_ROWS * this.perRow) {
      const chunk = this.chunks[i]!;
      if (at + chunk.length <= all.length) all.set(chunk, at);
      else for (let from = 0; at + from < all.length; from++) all[at + from] = chunk[from]!;
    }
    return all;
  }
}

// Applications have hundreds of families with a few rows: a buffer for each of their copies would cost more than to copy.
const SLAB = 8192;
let slab = new Float64Array(0);
let used = 0;

/** Zeros that nobody else has. */
function freshNumbers(count: number): Float64Array {
  if (count * 8 > SLAB) return new Float64Array(count);
  if (used + count > slab.length) {
    slab = new Float64Array(SLAB);
    used = 0;
  }
  used += count;
  return new Float64Array(slab.buffer, (used - count) * slab.BYTES_PER_ELEMENT, count);
}
