import { expect, it } from 'vitest';
import { marginOfMedian, median } from './statistics.ts';

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

it('knows how sure a median is: less spread, and more values, make it surer', () => {
  const spread = (count: number, width: number): number[] =>
    Array.from({ length: count }, (_, i) => (((i * 0.618034) % 1) - 0.5) * width);
  expect(marginOfMedian([])).toBeNaN();
  expect(marginOfMedian([5])).toBe(0);
  // Evenly spread over 10: 95 of 100 medians of 400 are within 5 % of the width.
  expect(marginOfMedian(spread(400, 10))).toBeCloseTo(0.5, 1);
  expect(marginOfMedian(spread(400, 20))).toBeCloseTo(1, 1);
  expect(marginOfMedian(spread(1600, 10))).toBeCloseTo(0.25, 1);
});
