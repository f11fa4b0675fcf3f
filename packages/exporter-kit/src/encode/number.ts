import type { Buffer } from 'node:buffer';
import { type Digits, shortest } from './shortest.ts';

const pairs = new Uint16Array(100);
for (let i = 0; i < 100; i++) pairs[i] = (48 + Math.floor(i / 10)) | ((48 + (i % 10)) << 8);

/** The most bytes that {@link writeNumber} writes. */
export const NUMBER_BYTES = 32;

/**
 * Writes a number as JavaScript prints it: the shortest form that parses to the same number; `NaN`, `+Inf` and `-Inf` as in
 * both formats. Returns the position after it.
 *
 * Integers and numbers with up to six decimals are written digit by digit, several times faster than through a string.
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
    // If rounding to millionths changes nothing, these are the shortest digits (at most 16).
    const millionths = Math.floor(rest * 1e6 + 0.5);
    if (millionths < 1e15 && millionths / 1e6 === rest && millionths !== 0) {
      return writeMillionths(to, pos, whole, (millionths - whole * 1e6) | 0);
    }
  }
  if (rest >= 1e-6 && rest < 9007199254740992) {
    if (Math.floor(rest) === rest) return writeLongWhole(to, pos, rest);
    shortest(rest, digits);
    return writeDigits(to, pos, digits);
  }
  return at + to.write(spell(value), at, 'latin1');
}

const digits: Digits = { high: 0, low: 0, exponent: 0 };

/** A whole number below 2^53. */
function writeLongWhole(to: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 1e9);
  return writeNine(to, writeWhole(to, at, high), (value - high * 1e9) | 0);
}

/** Nine digits, with leading zeros. */
function writeNine(to: Buffer, at: number, value: number): number {
  let rest = value;
  for (let pos = at + 7; pos > at; pos -= 2) {
    const tail = pairs[rest % 100]!;
    rest = (rest / 100) >>> 0;
    to[pos] = tail & 0xff;
    to[pos + 1] = tail >> 8;
  }
  to[at] = 48 + rest;
  return at + 9;
}

/** Digits with a point among or before them; there is always a digit after the point. */
function writeDigits(to: Buffer, at: number, { high, low, exponent }: Digits): number {
  let end = writeNine(to, writeWhole(to, at, high), low);
  const point = end + exponent;
  while (to[end - 1] === 48) end--;
  if (point > at) {
    for (let pos = end; pos > point; pos--) to[pos] = to[pos - 1]!;
    to[point] = 0x2e;
    return end + 1;
  }
  const zeros = at - point;
  for (let pos = end - 1; pos >= at; pos--) to[pos + 2 + zeros] = to[pos]!;
  to[at] = 48;
  to[at + 1] = 0x2e;
  for (let i = 0; i < zeros; i++) to[at + 2 + i] = 48;
  return end + 2 + zeros;
}

function spell(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

function writeWhole(to: Buffer, at: number, value: number): number {
  let rest = value;
  const end = at + widthOf(value);
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
    rest = (rest / 10) | 0;
    width--;
  }
  for (let pos = point + width; pos > point; pos--) {
    to[pos] = 48 + (rest % 10);
    rest = (rest / 10) >>> 0;
  }
  return point + width + 1;
}

function widthOf(value: number): number {
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
