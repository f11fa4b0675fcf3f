import { Buffer } from 'node:buffer';

// Longer strings and arrays are written faster by the runtime.
const LOOP_BYTES = 64;
// After what is written.
const SPARE = 4;

/**
 * Writes protobuf messages into a growing buffer. Fields are written in the order of the calls; varints are minimal.
 * Source: protobuf.dev/programming-guides/encoding.
 *
 * @example
 * const start = writer.begin(1);
 * writer.string(1, 'le');
 * writer.end(start);
 */
export class ProtobufWriter {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor(size = 4096) {
    this.#bytes = Buffer.allocUnsafe(size + SPARE);
    this.#view = viewOf(this.#bytes);
  }

  /** What is written, and some bytes after it; valid until more is written. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** A view of {@link bytes}, for copying in words of 4. */
  get view(): DataView {
    return this.#view;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** Starts a nested message in field `field`; pass the result to {@link end}. */
  begin(field: number): number {
    this.#reserve(6);
    this.#varint((field << 3) | 2);
    // Most messages are short: reserve one byte for the length, and move the message if it needs more.
    return this.#at++;
  }

  end(start: number): void {
    const length = this.#at - start - 1;
    let more = 0;
    for (let rest = length; rest > 0x7f; rest >>>= 7) more++;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + 1 + more, start + 1, this.#at);
    }
    this.#at = start;
    this.#varint(length);
    this.#at += length;
  }

  /** A string; lone surrogates become U+FFFD. */
  string(field: number, text: string): void {
    const { length } = text;
    // At most three bytes per UTF-16 unit.
    this.#reserve(11 + 3 * length);
    this.#varint((field << 3) | 2);
    if (length < LOOP_BYTES) {
      const bytes = this.#bytes;
      const from = this.#at + 1;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[from + i] = code;
      }
      if (i === length) {
        bytes[from - 1] = length;
        this.#at = from + length;
        return;
      }
    }
    this.#varint(Buffer.byteLength(text));
    this.#at += this.#bytes.write(text, this.#at);
  }

  double(field: number, value: number): void {
    this.#reserve(13);
    this.#varint((field << 3) | 1);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A non-negative integer up to `Number.MAX_SAFE_INTEGER`, for int64, uint64 and enums. */
  integer(field: number, value: number): void {
    this.#reserve(15);
    this.#varint(field << 3);
    this.#long(value);
  }

  /** A packed list of the first `count` of them. */
  packed(field: number, values: readonly number[], count: number = values.length): void {
    const start = this.begin(field);
    this.#reserve(10 * count);
    for (let i = 0; i < count; i++) this.#long(values[i]!);
    this.end(start);
  }

  /** An integer from -2^53 to 2^53, for sint32 and sint64. */
  signed(field: number, value: number): void {
    this.#reserve(15);
    this.#varint(field << 3);
    this.#zigzag(value);
  }

  /** A packed list of the first `count` such. */
  packedSigned(field: number, values: readonly number[], count: number = values.length): void {
    const start = this.begin(field);
    this.#reserve(10 * count);
    for (let i = 0; i < count; i++) this.#zigzag(values[i]!);
    this.end(start);
  }

  /** A 64-bit integer of fixed length, not negative, for fixed64. */
  fixed(field: number, value: bigint): void {
    this.#reserve(13);
    this.#varint((field << 3) | 1);
    this.#view.setBigUint64(this.#at, value, true);
    this.#at += 8;
  }

  /** A packed list of such. */
  packedFixed(field: number, values: readonly number[]): void {
    this.#eights(field, values.length);
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
  }

  packedDoubles(field: number, values: readonly number[]): void {
    this.#eights(field, values.length);
    for (const value of values) {
      this.#view.setFloat64(this.#at, value, true);
      this.#at += 8;
    }
  }

  /** Bytes as a field of their own. */
  block(field: number, bytes: Uint8Array): void {
    this.#reserve(11);
    this.#varint((field << 3) | 2);
    this.#varint(bytes.length);
    this.raw(bytes);
  }

  /** The head of a packed list of values of 8 bytes. */
  #eights(field: number, count: number): void {
    this.#reserve(11 + 8 * count);
    this.#varint((field << 3) | 2);
    this.#varint(8 * count);
  }

  /** Bytes that are already encoded. */
  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#reserve(length);
    const at = this.#at;
    const to = this.#bytes;
    if (length < LOOP_BYTES) for (let i = 0; i < length; i++) to[at + i] = bytes[i]!;
    else to.set(bytes, at);
    this.#at = at + length;
  }

  /** Removes and returns the first `length` bytes, by default all. */
  take(length: number = this.#at): Uint8Array {
    const taken = new Uint8Array(this.#bytes.subarray(0, length));
    this.#bytes.copyWithin(0, length, this.#at);
    this.#at -= length;
    return taken;
  }

  /** Forgets what was written after the first `length` bytes, by default all. */
  truncate(length = 0): void {
    this.#at = length;
  }

  #long(value: number): void {
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80;
    this.#varint(rest);
  }

  #zigzag(value: number): void {
    if (value >= -0x40000000 && value < 0x40000000) {
      this.#varint(((value << 1) ^ (value >> 31)) >>> 0);
      return;
    }
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  #varint(value: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
    bytes[at++] = rest;
    this.#at = at;
  }

  #reserve(more: number): void {
    const size = this.#at + more + SPARE;
    if (size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(size, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);
