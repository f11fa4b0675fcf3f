import type { Buffer } from 'node:buffer';

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

/**
 * The shortest decimal that parses to a given double, several times faster than V8's own: a scrape of measured values
 * spends most of its time printing numbers.
 *
 * The method is Schubfach (Raffaello Giulietti, "The Schubfach way to render doubles", 2020). JavaScript has no fast 64-bit
 * integers, so products are computed in doubles, in limbs of 21 bits: three limbs times six stay below 2^53 and are exact.
 */

const LIMB = 2 ** 21;
const PER_LIMB = 2 ** -21;
const LOWEST = -324;
const POWERS = 617;

// For each k, six limbs of ⌊10^-k · 2^r⌋ + 1, a number of 126 bits; computed on first use.
const table = new Float64Array(POWERS * 6);
const known = new Uint8Array(POWERS);

// Intermediate results: numbers in a typed array are never boxed.
const out = new Float64Array(2);
const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** A double's shortest digits, as `high · 10^9 + low`, times `10^exponent`; overwritten by the next call. */
export interface Digits {
  high: number;
  low: number;
  exponent: number;
}

/** Computes the shortest digits of a positive, normal double; of several, those nearest to it. */
export function shortest(value: number, digits: Digits): void {
  bits[0] = value;
  const upper = words[1]!;
  const mantissa = ((upper & 0xfffff) | 0x100000) * 4294967296 + words[0]!;
  const q = (upper >>> 20) - 1075;
  // Below a power of two, the neighbour is half as far away.
  const uneven = mantissa === 4503599627370496;
  const k = uneven ? (q * 1262611 - 524031) >> 22 : (q * 1262611) >> 22;
  const h = q + ((-k * 1741647) >> 19) + 2;

  const g = powerAt(k);
  const g0 = table[g]!;
  const g1 = table[g + 1]!;
  const g2 = table[g + 2]!;
  const g3 = table[g + 3]!;
  const g4 = table[g + 4]!;
  const g5 = table[g + 5]!;
  const shift = 1 << h;
  const c = mantissa * 4 * shift;
  const c2 = Math.floor(c * (PER_LIMB * PER_LIMB));
  const rest = c - c2 * (LIMB * LIMB);
  const c1 = Math.floor(rest * PER_LIMB);
  const c0 = rest - c1 * LIMB;
  const p0 = g0 * c0;
  const p1 = g0 * c1 + g1 * c0;
  const p2 = g0 * c2 + g1 * c1 + g2 * c0;
  const p3 = g1 * c2 + g2 * c1 + g3 * c0;
  const p4 = g2 * c2 + g3 * c1 + g4 * c0;
  const p5 = g3 * c2 + g4 * c1 + g5 * c0;
  const p6 = g4 * c2 + g5 * c1;
  const p7 = g5 * c2;

  // Four times the value, and the ends of the interval that parses to it, each rounded to odd.
  roundToOdd(p0, p1, p2, p3, p4, p5, p6, p7);
  const high = out[0]!;
  const low = out[1]!;
  const down = uneven ? shift : 2 * shift;
  roundToOdd(p0 - g0 * down, p1 - g1 * down, p2 - g2 * down, p3 - g3 * down, p4 - g4 * down, p5 - g5 * down, p6, p7);
  const below = (high - out[0]!) * 1048576 + (low - out[1]!);
  const up = 2 * shift;
  roundToOdd(p0 + g0 * up, p1 + g1 * up, p2 + g2 * up, p3 + g3 * up, p4 + g4 * up, p5 + g5 * up, p6, p7);
  const above = (out[0]! - high) * 1048576 + (out[1]! - low);

  // s = ⌊value / 10^k⌋ in decimal halves: 2^30 = 10^9 + 73741824.
  const sh = Math.floor(high * 0.000244140625);
  const sl = (high - sh * 4096) * 262144 + (low >>> 2);
  const folded = sh * 73741824 + sl;
  const carry = Math.floor(folded / 1e9);
  // Both fit into 32 bits, which is faster.
  let a = (sh + carry) | 0;
  let b = (folded - carry * 1e9) | 0;

  const odd = words[0]! & 1;
  const fraction = low & 3;
  const digit = b % 10;
  // One digit less, rounded down or up, if exactly one of the two is in the interval; else this number or the next.
  const tenBelow = odd + fraction + 4 * digit <= below;
  const tenAbove = 40 + odd <= above + fraction + 4 * digit;
  if (tenBelow !== tenAbove) b += tenBelow ? -digit : 10 - digit;
  else {
    const oneBelow = odd + fraction <= below;
    const oneAbove = 4 + odd <= above + fraction;
    const next = oneBelow !== oneAbove ? oneAbove : fraction > 2 || (fraction === 2 && b % 2 === 1);
    if (next) b++;
  }
  if (b >= 1e9) {
    a++;
    b -= 1e9;
  }
  digits.high = a;
  digits.low = b;
  digits.exponent = k;
}

/** Bits 127 and up of a product, into `out`: the upper bits, then the lower 20; the last bit is set if any lower bit was. */
function roundToOdd(
  p0: number,
  p1: number,
  p2: number,
  p3: number,
  p4: number,
  p5: number,
  p6: number,
  p7: number,
): void {
  // The lowest 63 bits contain the rounding error of the power, so only their carry counts.
  const t1 = p1 + Math.floor(p0 * PER_LIMB);
  const t2 = p2 + Math.floor(t1 * PER_LIMB);
  const t3 = p3 + Math.floor(t2 * PER_LIMB);
  const carry3 = Math.floor(t3 * PER_LIMB);
  const t4 = p4 + carry3;
  const carry4 = Math.floor(t4 * PER_LIMB);
  const t5 = p5 + carry4;
  const carry5 = Math.floor(t5 * PER_LIMB);
  const t6 = p6 + carry5;
  const carry6 = Math.floor(t6 * PER_LIMB);
  const low = t6 - carry6 * LIMB;
  const sticky = t3 !== carry3 * LIMB || t4 !== carry4 * LIMB || t5 !== carry5 * LIMB ? 1 : 0;
  out[0] = p7 + carry6;
  out[1] = (low >>> 1) | (low & 1) | sticky;
}

function powerAt(k: number): number {
  const index = k - LOWEST;
  if (known[index] === 0) {
    // 10^-k as a fraction, scaled to 126 bits.
    const over = 10n ** BigInt(Math.max(0, -k));
    const under = 10n ** BigInt(Math.max(0, k));
    const r = 125 - ((-k * 1741647) >> 19);
    const scaled = (r >= 0 ? (over << BigInt(r)) / under : over / (under << BigInt(-r))) + 1n;
    for (let limb = 0; limb < 6; limb++) table[index * 6 + limb] = Number((scaled >> BigInt(21 * limb)) & 0x1fffffn);
    known[index] = 1;
  }
  return index * 6;
}

/** No -0, and the canonical NaN: receivers may give other NaN payloads a meaning. */
export function plain(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value + 0;
}
