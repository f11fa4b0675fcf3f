import { expect, it } from 'vitest';
import { median } from './statistics.ts';

it.each([
  [[], Number.NaN],
  [[3], 3],
  [[10, 9, 1], 9],
  [[4, 1, 100, 2], 3],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

it('does not modify the values', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
