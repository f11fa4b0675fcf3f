import { Buffer } from 'node:buffer';

/** Bytes after the last line: lines are copied 16 bytes at a time, so up to 15 past a line's end are read. */
export const SPARE_BYTES = 16;

/**
 * Line heads (`name{a="b"} `) as UTF-8, one after the other. Append-only: `bytes` and `ends` taken earlier stay readable.
 */
export class LineArena {
  /** Line `i` ends at `ends[i]` and starts where line `i - 1` ends. Followed by {@link SPARE_BYTES}. */
  bytes: Buffer = NO_BYTES;
  /** A view of all `bytes`. */
  view: DataView = NO_VIEW;
  ends: Uint32Array = NO_ENDS;
  #lines = 0;
  #used = 0;

  append(line: string): void {
    const most = line.length * 3;
    if (this.#used + most + SPARE_BYTES > this.bytes.length) {
      const size = Buffer.byteLength(line);
      const least = this.#used + size + SPARE_BYTES;
      if (least > this.bytes.length) this.#growBytes(least);
    }
    if (this.#lines === this.ends.length) {
      const ends = new Uint32Array(Math.max(1, roomier(this.ends.length)));
      ends.set(this.ends);
      this.ends = ends;
    }
    this.#used += this.bytes.write(line, this.#used);
    this.ends[this.#lines++] = this.#used;
  }

  /** Appends `count` lines of another arena. */
  appendFrom(other: LineArena, first: number, count: number): void {
    for (let line = first; line < first + count; line++) {
      this.append(other.bytes.toString('utf8', line === 0 ? 0 : other.ends[line - 1], other.ends[line]));
    }
  }

  #growBytes(least: number): void {
    const grown = allocate(Math.max(least, roomier(this.bytes.length)));
    this.bytes.copy(grown, 0, 0, this.#used);
    this.bytes = grown;
    this.view = viewOf(grown);
  }
}

/** A larger size: twice, or, where that is much, a quarter more. */
const roomier = (size: number): number => (size < 16_384 ? 2 * size : size + (size >> 2));

// Most arenas hold one line: a buffer of its own costs several times its bytes.
const SLAB = 16_384;
const MOST_OF_SLAB = 512;
let slab: Buffer = Buffer.alloc(0);

/** Bytes that are all 0. */
function allocate(size: number): Buffer {
  if (size > MOST_OF_SLAB) return Buffer.alloc(size);
  if (slab.length < size) slab = Buffer.alloc(SLAB);
  const bytes = slab.subarray(0, size);
  slab = slab.subarray(size);
  return bytes;
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

// Of an arena without lines; never written to.
const NO_BYTES = Buffer.alloc(SPARE_BYTES);
const NO_VIEW = viewOf(NO_BYTES);
const NO_ENDS = new Uint32Array(0);
