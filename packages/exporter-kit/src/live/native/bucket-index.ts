import { double, HIGH, LOW, words } from '../double.ts';

// Buckets of a doubling at the finest schema, whose bounds are all that coarser schemas have.
const FINEST = 8;
const BOUNDS = 1 << FINEST;
// A doubling in equal parts; each is narrower than any bucket, so that at most one bound is inside.
const PARTS = 512;

// For each part: the first bound that its values may belong to, and the 52 bits after the point of that bound.
const bounds = new Uint16Array(PARTS);
const highs = new Int32Array(PARTS);
const lows = new Uint32Array(PARTS);
// Bounds of the doubling from 1 to 2, cut to doubles.
const cuts = new Float64Array(BOUNDS);
let isReady = false;

/** Makes the table that {@link nativeIndex} needs; does nothing if it is there. */
export function prepareNativeIndex(): void {
  if (isReady) return;
  isReady = true;
  const mantissas = mantissasOfBounds();
  for (let i = 0; i < BOUNDS; i++) cuts[i] = 1 + Number(mantissas[i]!) / 2 ** 52;
  let bound = 0;
  for (let part = 0; part < PARTS; part++) {
    while (mantissas[bound]! < BigInt(part) << 43n) bound++;
    bounds[part] = bound;
    highs[part] = Number(mantissas[bound]! >> 32n);
    lows[part] = Number(mantissas[bound]! & 0xffff_ffffn);
  }
}

/**
 * The bucket of a positive, finite value: the `i` for which `2^((i-1) / 2^schema) < value <= 2^(i / 2^schema)`. Exact, by the
 * value's bits. `schema` is from -4 to 8.
 */
export function nativeIndex(value: number, schema: number): number {
  double[0] = value;
  let high = words[HIGH]!;
  let exponent = (high >>> 20) - 1023;
  if (exponent === -1023) {
    double[0] = value * 2 ** 54;
    high = words[HIGH]!;
    exponent = (high >>> 20) - 1023 - 54;
  }
  const part = (high >>> 11) & (PARTS - 1);
  // Negative if the value's upper 20 bits are above the bound's.
  const ahead = highs[part]! - (high & 0xf_ffff);
  const above = ahead === 0 ? (words[LOW]! > lows[part]! ? 1 : 0) : ahead >>> 31;
  const finest = (exponent << FINEST) + bounds[part]! + above;
  // Divided by the number of fine buckets in one of this schema, and rounded up.
  return ((finest - 1) >> (FINEST - schema)) + 1;
}

/** The upper bound of a bucket: the largest double that it holds. */
export function nativeBound(index: number, schema: number): number {
  prepareNativeIndex();
  const finest = index * 2 ** (FINEST - schema);
  const exponent = Math.floor(finest / BOUNDS);
  const cut = cuts[finest & (BOUNDS - 1)]!;
  if (exponent > 1023) return Number.MAX_VALUE;
  // Subnormals have fewer bits: cut once more.
  return exponent < -1022 ? Math.floor(cut * 2 ** (exponent + 1074)) * 2 ** -1074 : cut * 2 ** exponent;
}

/** For each bound `2^(k / 256)` of a doubling, 2 included: the 52 bits after the point, cut. For 2 all bits are set. */
function mantissasOfBounds(): readonly bigint[] {
  // With 128 bits after the point.
  const one = 1n << 128n;
  const step = Array.from({ length: FINEST }).reduce((root: bigint) => squareRoot(root << 128n), one << 1n);
  const mantissas: bigint[] = [];
  for (let bound = one; mantissas.length < BOUNDS; bound = (bound * step) >> 128n) mantissas.push((bound - one) >> 76n);
  return [...mantissas, (1n << 52n) - 1n];
}

/** The whole part of a square root, by Newton's method from above. */
function squareRoot(square: bigint): bigint {
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
