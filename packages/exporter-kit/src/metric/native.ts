/** Exponential buckets of a native histogram. */
export interface NativeShape {
  /** Resolution to start with, from -4 to 8: 2^schema buckets for each doubling. */
  readonly schema: number;
  /**
   * Maximum number of buckets that have counts, on both sides of zero together, as in client_golang. A value that needs one more
   * widens the zero bucket or halves the resolution.
   */
  readonly maxBuckets: number;
  /** Values up to this distance from 0 are counted in the zero bucket. */
  readonly zeroThreshold: number;
  /** How far from 0 the zero bucket may be widened before the resolution is halved; not at all, if it is 0. */
  readonly maxZeroThreshold: number;
  /**
   * A series that comes to `maxBuckets` starts over, at 0 and in the declared resolution, if that is at least so long ago; in
   * milliseconds, never by default. For counts that are not shared with other threads or processes; a job's run has no resets.
   */
  readonly resetAfterMs: number;
}

/** `native` of a histogram's declaration: `true` for the default, or its differences from that. */
export type NativeOption = boolean | { readonly [K in keyof NativeShape]?: NativeShape[K] | undefined };

/**
 * The default: each bound is 9 % above the one before. 2^-128 is a bound in every resolution, so that no bucket overlaps the
 * zero bucket; client_golang has the same.
 */
export const NATIVE: NativeShape = Object.freeze({
  schema: 3,
  maxBuckets: 160,
  zeroThreshold: 2 ** -128,
  maxZeroThreshold: 0,
  resetAfterMs: Infinity,
});

const NAMES = Object.keys(NATIVE).join(', ');

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
export function nativeShape(owner: string, native: NativeOption): NativeShape | false {
  const problem = nativeProblem(native);
  if (problem !== undefined) throw new TypeError(`${owner}: native ${problem}`);
  if (typeof native === 'boolean') return native && NATIVE;
  const { schema = NATIVE.schema, maxBuckets = NATIVE.maxBuckets, zeroThreshold = NATIVE.zeroThreshold } = native;
  const { maxZeroThreshold = NATIVE.maxZeroThreshold, resetAfterMs = NATIVE.resetAfterMs } = native;
  return Object.freeze({ schema, maxBuckets, zeroThreshold, maxZeroThreshold, resetAfterMs });
}

/** What is wrong with `native` of a declaration, as the rest of a sentence. */
export function nativeProblem(native: unknown): string | undefined {
  if (typeof native === 'boolean') return undefined;
  if (typeof native !== 'object' || native === null || Array.isArray(native))
    return `must be true, false or { ${NAMES} }.`;
  for (const key of Object.keys(native))
    if (!Object.hasOwn(NATIVE, key)) return `has no option ${key}; known: ${NAMES}.`;
  const { schema, maxBuckets, zeroThreshold, maxZeroThreshold, resetAfterMs } = native as {
    readonly [K in keyof NativeShape]?: unknown;
  };
  return (
    wholeProblem('schema', schema, MIN_SCHEMA, MAX_SCHEMA) ??
    wholeProblem('maxBuckets', maxBuckets, 1, MOST_NATIVE_BUCKETS) ??
    thresholdProblem('zeroThreshold', zeroThreshold) ??
    thresholdProblem('maxZeroThreshold', maxZeroThreshold) ??
    timeProblem(resetAfterMs)
  );
}

function wholeProblem(what: string, value: unknown, low: number, high: number): string | undefined {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= low && (value as number) <= high))
    return undefined;
  return `must have a whole number from ${low} to ${high} as ${what}, not ${said(value)}.`;
}

function thresholdProblem(what: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'number' && value >= 0 && value < Infinity)) return undefined;
  return `must have a finite number of 0 or more as ${what}, not ${said(value)}.`;
}

function timeProblem(value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'number' && value > 0)) return undefined;
  return `must have a number of milliseconds above 0 as resetAfterMs, not ${said(value)}.`;
}

const said = (value: unknown): string =>
  typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
