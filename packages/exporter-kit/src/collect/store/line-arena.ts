import { Buffer } from 'node:buffer';

/**
 * Line heads (`name{a="b"} `) as UTF-8, one after the other. Append-only: `bytes` and `ends` taken earlier stay readable.
 */
export class LineArena {
  /** Line `i` ends at `ends[i]` and starts where line `i - 1` ends. Has 8 spare bytes at the end, for word-wise copying. */
  bytes: Buffer = Buffer.alloc(256);
  /** A view of all `bytes`. */
  view: DataView = viewOf(this.bytes);
  ends: Uint32Array = new Uint32Array(8);
  #lines = 0;
  #used = 0;

  append(line: string): void {
    const most = line.length * 3;
    if (this.#used + most + 8 > this.bytes.length) {
      const size = Buffer.byteLength(line);
      if (this.#used + size + 8 > this.bytes.length) this.#growBytes(this.#used + size + 8);
    }
    if (this.#lines === this.ends.length) {
      const ends = new Uint32Array(this.ends.length * 2);
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
    const grown = Buffer.alloc(Math.max(least, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.#used);
    this.bytes = grown;
    this.view = viewOf(grown);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
