import { describe, expect, expectTypeOf, it } from 'vitest';
import { histogram } from './declare.ts';
import type { NativeShape } from './native.ts';

const took = (native?: boolean | Partial<NativeShape>) =>
  histogram({
    name: 'took_seconds',
    help: 'Took.',
    unit: 'seconds',
    buckets: [],
    ...(native === undefined ? {} : { native }),
  }).native;

describe('native of a histogram', () => {
  it('is what the declaration says, with defaults for the rest', () => {
    expect(took()).toBeUndefined();
    expect(took(false)).toBe(false);
    expect(took(true)).toEqual({ schema: 3, maxBuckets: 160, zeroThreshold: 2 ** -128 });
    expect(took({ schema: -4, zeroThreshold: 0 })).toEqual({ schema: -4, maxBuckets: 160, zeroThreshold: 0 });
    expect(took({ maxBuckets: 20 })).toEqual({ schema: 3, maxBuckets: 20, zeroThreshold: 2 ** -128 });
    expectTypeOf(histogram).parameter(0).toHaveProperty('native');
    // @ts-expect-error no such option
    expect(() => took({ factor: 1.1 })).toThrow(TypeError);
  });

  it.each([
    ['yes', /histogram took_seconds: native is yes; use true, false or \{ schema, maxBuckets, zeroThreshold \}/],
    [null, /native is null; use true/],
    [3, /native is 3; use true/],
    [{ factor: 1.1 }, /native.factor is not an option; use schema, maxBuckets or zeroThreshold/],
    [{ schema: 9 }, /native.schema must be a whole number from -4 to 8, not 9/],
    [{ schema: -5 }, /not -5/],
    [{ schema: 2.5 }, /not 2.5/],
    [{ schema: '3' }, /native.schema must be a whole number/],
    [{ maxBuckets: 0 }, /native.maxBuckets must be a whole number from 1 to 512, not 0/],
    [{ maxBuckets: 513 }, /not 513/],
    [{ zeroThreshold: -1 }, /native.zeroThreshold must be a finite number of 0 or more, not -1/],
    [{ zeroThreshold: Number.NaN }, /not NaN/],
    [{ zeroThreshold: Infinity }, /not Infinity/],
  ])('may not be %j', (native, message) => {
    expect(() => took(native as never)).toThrow(TypeError);
    expect(() => took(native as never)).toThrow(message);
  });
});
