import { afterEach, expect, it, vi } from 'vitest';
import { countDrops } from '../../collect/store/drops.ts';
import type { FrozenFamily } from '../../collect/store/frozen.ts';
import { counter, gauge } from '../../metric/declare.ts';
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

afterEach(() => void vi.useRealTimers());

it('a series began with the first of its parts, and goes on from there when parts come and go', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 10_000 });
  const merged = new MergedFamily(family);
  const [own, early, unknown] = [part('pt', 1, 5000), part('pt', 2, 4000), part('fr', 3)];
  vi.setSystemTime(20_000);
  const first = merged.merge([own, early, unknown]);
  expect([...first.vals]).toEqual([3, 3]);
  expect([...first.starts!]).toEqual([4000, 10_000]);
  vi.setSystemTime(30_000);
  expect(merged.merge([own, unknown, part('pt', 2, 3000)]).starts).toEqual(first.starts);
  // Gone, and back: it begins anew, after it was seen to be missing.
  merged.merge([unknown]);
  vi.setSystemTime(40_000);
  expect([...merged.merge([part('pt', 1), unknown]).starts!].sort()).toEqual([10_000, 30_000]);
});

/** Which series a merge exposes, with their numbers. */
function shown({ ids, vals, labelsOf }: FrozenFamily): { readonly [country: string]: number } {
  const rows = [...ids.keys()].filter((row) => ids[row] !== 0);
  return Object.fromEntries(rows.map((row) => [labelsOf(row)[0]!, vals[row]!]));
}

it('keeps its rows while its parts have the same series', () => {
  const merged = new MergedFamily(family);
  const [pt, es] = [part('pt', 1), part('es', 2)];
  const first = merged.merge([pt, es, part('pt', 4)]);
  const same = [pt, es];
  const second = merged.merge(same);
  es.frozen.vals[0] = 3;
  const third = merged.merge(same);
  expect([first, second, third].map(shown)).toEqual([
    { pt: 5, es: 2 },
    { pt: 1, es: 2 },
    { pt: 1, es: 3 },
  ]);
  expect(third.ids).toBe(second.ids);
  expect(shown(merged.merge([pt]))).toEqual({ pt: 1 });
  expect(shown(merged.merge(same))).toEqual({ pt: 1, es: 3 });
});

it('gives a series that was refused the room of one that has ended', () => {
  const gauges = new LiveFamily(
    gauge({ name: 'queue_jobs', help: 'Jobs.', labels: ['country'] }),
    { maxSeries: 1 },
    countDrops(false),
  );
  const merged = new MergedFamily(gauges);
  const [pt, es] = [part('pt', 1), part('es', 2)];
  const merges = [[pt, es], [pt, es], [es], [es], [es]].map((parts) => shown(merged.merge(parts)));
  expect(merges).toEqual([{ pt: 1 }, { pt: 1 }, {}, { es: 2 }, { es: 2 }]);
});
