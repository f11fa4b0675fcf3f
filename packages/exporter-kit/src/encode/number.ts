import type { Buffer } from 'node:buffer';

const pairs = new Uint16Array(100);
for (let i = 0; i < 100; i++) pairs[i] = (48 + Math.floor(i / 10)) | ((48 + (i % 10)) << 8);

/** The most bytes {@link writeNumber} writes. */
export const NUMBER_BYTES = 32;

/**
 * Writes a number as JavaScript prints it (shortest form that reads back the same), `NaN`, `+Inf` and `-Inf` as both
 * formats spell them. Returns the position after it.
 *
 * Integers and numbers of up to six decimals are written digit by digit, several times faster than by way of a string.
 */
export function writeNumber(to: Buffer, at: number, value: number): number {
  let pos = at;
  let rest = value;
  if (rest < 0) {
    to[pos++] = 0x2d;
    rest = -rest;
  }
  if (rest < 4294967296) {
    const whole = rest >>> 0;
    if (whole === rest) return writeWhole(to, pos, whole);
    // If rounding to a millionth and back changes nothing, these are the shortest digits (at most 16 of them).
    const millionths = Math.floor(rest * 1e6 + 0.5);
    if (millionths < 1e15 && millionths / 1e6 === rest && millionths !== 0) {
      return writeMillionths(to, pos, whole, millionths - whole * 1e6);
    }
  }
  return at + to.write(spell(value), at, 'latin1');
}

function spell(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function writeWhole(to: Buffer, at: number, value: number): number {
  let rest = value;
  const end = at + digits(value);
  let pos = end;
  while (rest >= 100) {
    const tail = pairs[rest % 100]!;
    rest = (rest / 100) >>> 0;
    to[--pos] = tail >> 8;
    to[--pos] = tail & 0xff;
  }
  if (rest >= 10) {
    const tail = pairs[rest]!;
    to[--pos] = tail >> 8;
    to[--pos] = tail & 0xff;
  } else to[--pos] = 48 + rest;
  return end;
}

function writeMillionths(to: Buffer, at: number, whole: number, fraction: number): number {
  const point = writeWhole(to, at, whole);
  to[point] = 0x2e;
  let rest = fraction;
  let width = 6;
  while (rest % 10 === 0) {
    rest = rest / 10;
    width--;
  }
  for (let pos = point + width; pos > point; pos--) {
    to[pos] = 48 + (rest % 10);
    rest = (rest / 10) >>> 0;
  }
  return point + width + 1;
}

function digits(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1e3) return 3;
  if (value < 1e4) return 4;
  if (value < 1e5) return 5;
  if (value < 1e6) return 6;
  if (value < 1e7) return 7;
  if (value < 1e8) return 8;
  return value < 1e9 ? 9 : 10;
}
