import { describe, expect, expectTypeOf, it } from 'vitest';
import { histogram } from './declare.ts';
import type { NativeOption } from './native.ts';

const took = (native?: NativeOption) =>
  histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [], native }).native;

describe('native of a histogram', () => {
  it('is what the declaration says, with defaults for the rest', () => {
    expect(took()).toBeUndefined();
    expect(took(false)).toBe(false);
    expect(took(true)).toEqual({
      schema: 3,
      maxBuckets: 160,
      zeroThreshold: 2 ** -128,
      maxZeroThreshold: 0,
      resetAfterMs: Infinity,
    });
    expect(took({ schema: -4, zeroThreshold: 0 })).toMatchObject({ schema: -4, maxBuckets: 160, zeroThreshold: 0 });
    expect(took({ maxBuckets: 20 })).toMatchObject({ schema: 3, maxBuckets: 20, zeroThreshold: 2 ** -128 });
    expect(took({ maxZeroThreshold: 1e-6 })).toMatchObject({ maxZeroThreshold: 1e-6 });
    expectTypeOf(histogram).parameter(0).toHaveProperty('native');
    // @ts-expect-error no such option
    expect(() => took({ factor: 1.1 })).toThrow(TypeError);
  });

  it.each([
    ['yes', 'must be true, false or { schema, maxBuckets, zeroThreshold, maxZeroThreshold, resetAfterMs }.'],
    [null, 'must be true, false'],
    [[3], 'must be true, false'],
    [
      { factor: 1.1 },
      'has no option factor; known: schema, maxBuckets, zeroThreshold, maxZeroThreshold, resetAfterMs.',
    ],
    [{ toString: 1 }, 'has no option toString'],
    [{ schema: 9 }, 'must have a whole number from -4 to 8 as schema, not 9.'],
    [{ schema: -5 }, 'as schema, not -5.'],
    [{ schema: 2.5 }, 'as schema, not 2.5.'],
    [{ schema: '3' }, 'as schema, not a value of type string.'],
    [{ schema: Object.create(null) }, 'as schema, not a value of type object.'],
    [{ maxBuckets: 0 }, 'must have a whole number from 1 to 512 as maxBuckets, not 0.'],
    [{ maxBuckets: 513 }, 'as maxBuckets, not 513.'],
    [{ zeroThreshold: -1 }, 'must have a finite number of 0 or more as zeroThreshold, not -1.'],
    [{ zeroThreshold: Number.NaN }, 'as zeroThreshold, not NaN.'],
    [{ maxZeroThreshold: Infinity }, 'as maxZeroThreshold, not Infinity.'],
    [{ zeroThreshold: Infinity }, 'as zeroThreshold, not Infinity.'],
    [{ resetAfterMs: 0 }, 'must have a number of milliseconds above 0 as resetAfterMs, not 0.'],
    [{ resetAfterMs: Number.NaN }, 'as resetAfterMs, not NaN.'],
    [{ resetAfterMs: '1h' }, 'as resetAfterMs, not a value of type string.'],
  ])('may not be %j', (native, message) => {
    expect(() => took(native as never)).toThrow(TypeError);
    expect(() => took(native as never)).toThrow(/^histogram took_seconds: native (must|has) /);
    expect(() => took(native as never)).toThrow(message);
  });
});
