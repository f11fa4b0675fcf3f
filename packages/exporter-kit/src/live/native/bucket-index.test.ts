import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { nativeBound, nativeIndex, prepareNativeIndex } from './bucket-index.ts';

beforeAll(prepareNativeIndex);

const bits = new BigUint64Array(1);
const asDouble = new Float64Array(bits.buffer);
const fromBits = (pattern: bigint): number => {
  bits[0] = pattern;
  return asDouble[0]!;
};
const toBits = (value: number): bigint => {
  asDouble[0] = value;
  return bits[0]!;
};

/** A double as `mantissa * 2^exponent`. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const pattern = toBits(value);
  const biased = Number(pattern >> 52n);
  const fraction = pattern & ((1n << 52n) - 1n);
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** Whether `value <= 2^(index / 2^schema)`, by whole numbers: both sides to the power of 2^schema. */
function isWithin(value: number, index: number, schema: number): boolean {
  const { mantissa, exponent } = parts(value);
  const power = 2 ** Math.max(schema, 0);
  const limit = index * 2 ** Math.max(-schema, 0) - exponent * power;
  return limit >= 0 && mantissa ** BigInt(power) <= 1n << BigInt(limit);
}

const isRight = (value: number, schema: number): boolean => {
  const index = nativeIndex(value, schema);
  return isWithin(value, index, schema) && !isWithin(value, index - 1, schema);
};

const SCHEMAS = [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];

describe('the index of a native bucket', () => {
  it.each([
    [1, 0, 0],
    [1, 8, 0],
    [2, 8, 256],
    [Number.MAX_VALUE, 8, 262144],
    [Number.MAX_VALUE, -4, 64],
    [5e-324, 0, -1074],
    [5e-324, 8, -274944],
    [0.1, 3, -26],
    [4, -1, 1],
    [4.1, -1, 2],
    [0.0625, -2, -1],
    [2 ** -128, 3, -1024],
  ])('of %d at schema %d is %d', (value, schema, index) => {
    expect(nativeIndex(value, schema)).toBe(index);
  });

  it.each(SCHEMAS)('is exact at schema %d for any bits, subnormals among them', (schema) => {
    const top = toBits(Number.MAX_VALUE);
    const patterns = fc.oneof(fc.bigInt(1n, top), fc.bigInt(1n, (1n << 52n) - 1n));
    fc.assert(
      fc.property(patterns, (pattern) => isRight(fromBits(pattern), schema)),
      { numRuns: 200 },
    );
  });

  it.each(SCHEMAS)('is exact at schema %d for the neighbours of its bounds', (schema) => {
    const perDoubling = 2 ** schema;
    const indices = fc.integer({ min: Math.ceil(-1074 * perDoubling), max: Math.floor(1023 * perDoubling) });
    fc.assert(
      fc.property(indices, (index) => {
        const near = toBits(2 ** (index / perDoubling));
        for (let away = -2n; away <= 2n; away++) {
          if (near + away > 0n && !isRight(fromBits(near + away), schema)) return false;
        }
        return true;
      }),
      { numRuns: 60 },
    );
  });

  it('is exact on both sides of each bound of a doubling', () => {
    for (let k = 0; k < 256; k++) {
      const near = toBits(2 ** (k / 256));
      for (let away = -1n; away <= 1n; away++) if (!isRight(fromBits(near + away), 8)) expect.fail(`bound ${k}`);
    }
  });
});

describe('the bound of a native bucket', () => {
  it.each(SCHEMAS)('is the largest double in it at schema %d', (schema) => {
    const perDoubling = 2 ** schema;
    const indices = fc.integer({ min: Math.ceil(-1074 * perDoubling), max: Math.ceil(1024 * perDoubling) - 1 });
    fc.assert(
      fc.property(indices, (index) => {
        const bound = nativeBound(index, schema);
        const next = fromBits(toBits(bound) + 1n);
        return isWithin(bound, index, schema) && !isWithin(next, index, schema);
      }),
      { numRuns: 60 },
    );
    expect(nativeBound(Math.ceil(1024 * perDoubling), schema)).toBe(Number.MAX_VALUE);
  });
});
