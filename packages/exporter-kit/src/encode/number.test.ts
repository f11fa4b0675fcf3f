import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NUMBER_BYTES, writeNumber } from './number.ts';

function written(value: number): string {
  const to = Buffer.alloc(NUMBER_BYTES + 8, 'x');
  const end = writeNumber(to, 4, value);
  const before = to.toString('latin1', 0, 4);
  // Called half a million times: `expect` would take most of the time.
  if (before !== 'xxxx' || end - 4 > NUMBER_BYTES) expect([before, end - 4]).toEqual(['xxxx', NUMBER_BYTES]);
  return to.toString('latin1', 4, end);
}

it.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [9, '9'],
  [10, '10'],
  [99, '99'],
  [100, '100'],
  [-1, '-1'],
  [4294967295, '4294967295'],
  [4294967296, '4294967296'],
  [0.1, '0.1'],
  [-0.25, '-0.25'],
  [1.5, '1.5'],
  [0.000001, '0.000001'],
  [1e-7, '1e-7'],
  [123.456, '123.456'],
  [Math.PI, '3.141592653589793'],
  [1e21, '1e+21'],
  [1e308, '1e+308'],
  [5e-324, '5e-324'],
  [NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [2 ** 53, '9007199254740992'],
])('writes %f as %s', (value, text) => {
  expect(written(value)).toBe(text);
});

it('writes what JavaScript prints, for any number', () => {
  const short = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 8 })).map(([n, d]) => n / 10 ** d);
  fc.assert(
    fc.property(fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.integer(), short), (value) => {
      expect(written(value)).toBe(String(value));
    }),
    { numRuns: 5_000 },
  );
});

it('writes what JavaScript prints, for neighbours of powers and decimals of every size', () => {
  const view = new DataView(new ArrayBuffer(8));
  const step = (value: number, by: bigint): number => {
    view.setFloat64(0, value);
    view.setBigUint64(0, view.getBigUint64(0) + by);
    return view.getFloat64(0);
  };
  for (let exponent = -30; exponent < 60; exponent++) {
    for (const base of [2 ** exponent, 10 ** (exponent / 3), 3 ** (exponent / 2), 5 ** (exponent / 3) / 7]) {
      for (let by = -40n; by <= 40n; by++) {
        const value = step(base, by);
        if (written(value) !== String(value)) expect(written(value)).toBe(String(value));
      }
    }
  }
});

it('writes what JavaScript prints, for random bits', () => {
  const view = new DataView(new ArrayBuffer(8));
  let state = 88172645463325252n;
  for (let i = 0; i < 300_000; i++) {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    // Exponents of numbers from 1e-9 to 1e18, where the digits are the kit's own.
    view.setBigUint64(0, (state & 0xfffffffffffffn) | ((993n + ((state >> 52n) % 92n)) << 52n));
    const value = view.getFloat64(0);
    if (written(value) !== String(value)) expect(written(value)).toBe(String(value));
  }
});
