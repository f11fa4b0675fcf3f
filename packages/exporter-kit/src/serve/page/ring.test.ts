import { expect, it } from 'vitest';
import { Ring, rateOf } from './ring.ts';

const ringOf = (...points: readonly (readonly [at: number, value: number])[]): Ring => {
  const ring = new Ring();
  for (const [at, value] of points) ring.add(at, value);
  return ring;
};

it('keeps the last 60 points, oldest first', () => {
  expect(new Ring().points()).toEqual({ at: [], values: [] });
  expect(ringOf([1000, 1], [2000, 2]).points()).toEqual({ at: [1000, 2000], values: [1, 2] });
  const many = ringOf(...Array.from({ length: 131 }, (_, i) => [i * 1000, i] as const)).points();
  expect(many.values).toEqual(Array.from({ length: 60 }, (_, i) => i + 71));
  expect(many.at).toEqual(many.values.map((value) => value * 1000));
});

it('makes one of points that are less than a second apart: the first time, the latest value', () => {
  expect(ringOf([1000, 1], [1999, 2], [2000, 3]).points()).toEqual({ at: [1000, 2000], values: [2, 3] });
});

it('makes rates, with a gap where a counter began again', () => {
  expect(rateOf({ at: [0, 2000, 4000, 5000], values: [10, 14, 1, 1] })).toEqual({
    at: [2000, 4000, 5000],
    values: [2, Number.NaN, 0],
  });
  expect(rateOf({ at: [1], values: [1] })).toEqual({ at: [], values: [] });
});
