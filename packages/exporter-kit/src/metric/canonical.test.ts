import { expect, it } from 'vitest';
import { canonical, toNumber } from './canonical.ts';

// As Go prints float64 values with %g, and ".0" where that has neither point nor exponent.
it.each([
  [0, '0.0'],
  [-0, '0.0'],
  [0.001, '0.001'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [0.000015, '1.5e-05'],
  [1e-9, '1e-09'],
  [1e-10, '1e-10'],
  [5e-324, '5e-324'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1, '1.0'],
  [-2.5, '-2.5'],
  [10, '10.0'],
  [100_000, '100000.0'],
  [999_999, '999999.0'],
  [999_999.5, '999999.5'],
  [1_000_000, '1e+06'],
  [1_048_576, '1.048576e+06'],
  [1_234_567.5, '1.2345675e+06'],
  [1e10, '1e+10'],
  [1e21, '1e+21'],
  [-1e100, '-1e+100'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('%d is written %s', (value, text) => {
  expect(canonical(value)).toBe(text);
  expect(toNumber(text)! + 0).toBe(value + 0);
});
