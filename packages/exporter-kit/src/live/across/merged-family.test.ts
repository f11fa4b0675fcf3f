import { expect, it } from 'vitest';
import { countDrops } from '../../collect/store/drops.ts';
import { counter } from '../../metric/declare.ts';
import { LiveFamily } from '../family.ts';
import { MergedFamily } from './merged-family.ts';
import type { Part } from './part.ts';

const family = new LiveFamily(
  counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
  { maxSeries: 10 },
  countDrops(false),
);

/** What a process has counted of one series, with or without the time at which it began. */
function part(country: string, value: number, start?: number): Part {
  return {
    key: {},
    frozen: {
      metric: family.metric,
      ids: Uint32Array.of(1),
      vals: Float64Array.of(value),
      cells: 1,
      starts: start === undefined ? undefined : Float64Array.of(start),
      labelsOf: () => [country],
    },
  };
}

it('a series began with the first of its parts, and goes on from there when parts come and go', () => {
  const before = Date.now();
  const merged = new MergedFamily(family);
  const [own, early, unknown] = [part('pt', 1, 5000), part('pt', 2, 4000), part('fr', 3)];
  const first = merged.merge([own, early, unknown]);
  expect([...first.vals]).toEqual([3, 3]);
  expect(first.starts![0]).toBe(4000);
  expect(first.starts![1]).toBeGreaterThanOrEqual(before);
  expect(merged.merge([own, unknown, part('pt', 2, 3000)]).starts).toEqual(first.starts);
  // Gone, and back: it begins anew, after it was seen to be missing.
  merged.merge([unknown]);
  const missing = Date.now();
  expect(
    merged.merge([part('pt', 1), unknown]).starts!.find((start) => start !== first.starts![1]),
  ).toBeLessThanOrEqual(missing);
});
