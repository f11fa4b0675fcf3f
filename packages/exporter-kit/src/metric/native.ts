/** Exponential buckets of a native histogram. */
export interface NativeShape {
  /** Resolution to start with, from -4 to 8: 2^schema buckets for each doubling. */
  readonly schema: number;
  /** Maximum number of buckets on each side of zero; a value that needs more halves the resolution. */
  readonly maxBuckets: number;
  /** Values up to this distance from 0 are counted in the zero bucket. */
  readonly zeroThreshold: number;
}

/**
 * The default: each bound is 9 % above the one before. 2^-128 is a bound in every resolution, so that no bucket overlaps the
 * zero bucket; client_golang has the same.
 */
export const NATIVE: NativeShape = Object.freeze({ schema: 3, maxBuckets: 160, zeroThreshold: 2 ** -128 });

/** Coarsest and finest resolution that Prometheus stores. */
export const MIN_SCHEMA = -4;
export const MAX_SCHEMA = 8;

/** Largest `maxBuckets`. */
export const MOST_NATIVE_BUCKETS = 512;

/**
 * The shape that `native` of a histogram's declaration stands for; `false` for none.
 *
 * @throws TypeError for an unknown option or one out of range.
 */
export function nativeShape(owner: string, native: boolean | Partial<NativeShape>): NativeShape | false {
  if (typeof native === 'boolean') return native && NATIVE;
  if (typeof native !== 'object' || native === null)
    throw new TypeError(
      `${owner}: native is ${String(native)}; use true, false or { schema, maxBuckets, zeroThreshold }.`,
    );
  for (const key of Object.keys(native)) {
    if (!Object.hasOwn(NATIVE, key))
      throw new TypeError(`${owner}: native.${key} is not an option; use schema, maxBuckets or zeroThreshold.`);
  }
  const { schema = NATIVE.schema, maxBuckets = NATIVE.maxBuckets, zeroThreshold = NATIVE.zeroThreshold } = native;
  whole(`${owner}: native.schema`, schema, MIN_SCHEMA, MAX_SCHEMA);
  whole(`${owner}: native.maxBuckets`, maxBuckets, 1, MOST_NATIVE_BUCKETS);
  if (!(typeof zeroThreshold === 'number' && zeroThreshold >= 0 && zeroThreshold < Infinity))
    throw new TypeError(
      `${owner}: native.zeroThreshold must be a finite number of 0 or more, not ${String(zeroThreshold)}.`,
    );
  return Object.freeze({ schema, maxBuckets, zeroThreshold });
}

function whole(what: string, value: number, low: number, high: number): void {
  if (!(Number.isInteger(value) && value >= low && value <= high))
    throw new TypeError(`${what} must be a whole number from ${low} to ${high}, not ${String(value)}.`);
}
