import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrozenFamily } from '../collect/store/frozen.ts';
import { counter, gauge, histogram, live } from '../index.ts';
import { scrape } from '../testing/index.ts';
import { ladderOf } from './ladder.ts';

const orders = () =>
  live({
    name: 'shop',
    maxSeries: 3,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: { country: String, paid: ['card', 'cash'] } }),
      took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [1] }),
      stock: gauge({ name: 'stock', help: 'Stock.', labels: ['item'] }),
    },
  });

describe('a live instrument', () => {
  it.each([-1, Number.NaN, Infinity, '2', null, 2n, [2]])('refuses to count %s, and tells a test', async (by) => {
    const { orders: counted, took, collector } = orders();
    const bound = counted.with({ country: 'pt', paid: 'card' });
    bound.inc(2);
    expect(() => bound.inc(by as never)).not.toThrow();
    await expect(scrape(collector)).rejects.toThrow(
      /orders_total\{country="pt",paid="card"\}.*inc takes a finite number/,
    );
    expect(() => counted.inc({ country: 'pt', paid: 'card' }, by as never)).not.toThrow();
    await expect(scrape(collector)).rejects.toThrow(/inc takes a finite number/);
    if (by !== -1) {
      took.observe(by as never);
      await expect(scrape(collector)).rejects.toThrow(/took_seconds.*observe takes a finite number/);
    }
    const { value } = await scrape(collector);
    expect(value('orders_total', { country: 'pt', paid: 'card' })).toBe(2);
    expect([value('took_seconds_count'), value('took_seconds_sum')]).toEqual([0, 0]);
  });

  it.each([
    [{ country: 'pt' }, /paid/],
    [{ country: 'pt', paid: 'gold' }, /gold/],
    [{ country: Object.create(null), paid: 'card' }, /country/],
    [undefined, /labels/],
    [
      {
        paid: 'card',
        get country() {
          throw new Error('no country');
        },
      },
      /no country/,
    ],
  ])('refuses the labels %#, and never throws', async (labels, why) => {
    const { orders: counted, collector } = orders();
    expect(() => counted.inc(labels as never)).not.toThrow();
    await expect(scrape(collector)).rejects.toThrow(why);
    expect(() => counted.with(labels as never).inc()).not.toThrow();
    await expect(scrape(collector)).rejects.toThrow(why);
    expect((await scrape(collector)).series('orders_total')).toEqual([]);
  });

  it('says that labels are missing where their values are given, as prom-client takes them', async () => {
    const { orders: counted, took, collector } = orders();
    for (const wrong of [() => counted.inc('pt' as never, 'card' as never), () => counted.inc(2 as never)]) {
      wrong();
      await expect(scrape(collector)).rejects.toThrow(/orders_total: labels must be an object, not (string|number)\./);
    }
    took.observe('pt' as never, 2 as never);
    await expect(scrape(collector)).rejects.toThrow(/took_seconds: observe takes a finite number, not string/);
  });

  it('keeps sums right above maxSeries, also by labels with declared values; a gauge is refused there', async () => {
    const { orders: counted, stock, collector } = orders();
    for (let i = 0; i < 10; i++) counted.inc({ country: `c${i}`, paid: i % 2 === 0 ? 'card' : 'cash' }, i);
    await expect(scrape(collector)).rejects.toThrow(/above the family's limit of 3 series.*raise maxSeries/);
    const { series, value } = await scrape(collector);
    expect(series('orders_total').length).toBe(5);
    expect(value('orders_total', { country: '__overflow__', paid: 'card' })).toBe(4 + 6 + 8);
    expect(value('orders_total', { country: '__overflow__', paid: 'cash' })).toBe(3 + 5 + 7 + 9);
    for (let i = 0; i < 4; i++) stock.set({ item: `i${i}` }, i);
    await expect(scrape(collector)).rejects.toThrow(/stock\{item="i3"\}.*not kept/);
    expect((await scrape(collector)).series('stock').length).toBe(3);
  });

  it('removes a series, which begins at 0 again; a bound child stays valid', async () => {
    const { orders: counted, collector } = orders();
    const bound = counted.with({ country: 'pt', paid: 'card' });
    bound.inc(5);
    counted.inc({ country: 'es', paid: 'card' }, 3);
    counted.remove({ country: 'pt', paid: 'card' });
    counted.remove({ country: 'es', paid: 'card' });
    expect((await scrape(collector)).series('orders_total')).toEqual([]);
    counted.inc({ country: 'fr', paid: 'cash' });
    bound.inc();
    counted.inc({ country: 'es', paid: 'card' });
    const { value } = await scrape(collector);
    expect(['pt', 'es'].map((country) => value('orders_total', { country, paid: 'card' }))).toEqual([1, 1]);
    expect(value('orders_total', { country: 'fr', paid: 'cash' })).toBe(1);
  });

  it('a removed series takes no place once its bound child is gone', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const { open, collector } = live({
      name: 'open',
      metrics: { open: gauge({ name: 'connections', help: 'Open.', labels: ['id'] }) },
      maxSeries: 10,
    });
    const openAndRemove = (from: number): void => {
      for (let id = from; id < from + 10; id++) {
        open.with({ id }).set(1);
        open.remove({ id });
      }
    };
    openAndRemove(0);
    // Weak references are kept until the end of the current task.
    await setImmediate();
    collectGarbage();
    expect((await scrape(collector)).series('connections')).toEqual([]);
    openAndRemove(10);
    await scrape(collector);
  });

  it('has the same series for every spelling of its labels, as a Map of texts has', async () => {
    const values = fc.constantFrom<unknown>('a', 'b', '1', 1, 1.5, '1.5', true, 'true', '', 'aXb', 'aYb', -0, 0);
    const call = fc.record({ a: values, b: values, c: values, reversed: fc.boolean(), removes: fc.nat(9) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (calls) => {
        const { hits, collector } = live({
          name: 'model',
          metrics: { hits: counter({ name: 'hits_total', help: 'Hits.', labels: ['a', 'b', 'c'] }) },
        });
        const model = new Map<string, number>();
        for (const { a, b, c, reversed, removes } of calls) {
          const labels = (reversed ? { c, b, a } : { a, b, c }) as { a: string; b: string; c: string };
          const key = JSON.stringify([a, b, c].map(String));
          if (removes === 0) {
            hits.remove(labels);
            model.delete(key);
          } else {
            hits.inc(labels);
            model.set(key, (model.get(key) ?? 0) + 1);
          }
        }
        const found = (await scrape(collector)).series('hits_total');
        expect(new Map(found.map(({ labels: { a, b, c }, value }) => [JSON.stringify([a, b, c]), value]))).toEqual(
          model,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a ladder of buckets', () => {
  const linear = (bounds: readonly number[], value: number): number => {
    const at = bounds.findIndex((bound) => value <= bound);
    return at < 0 ? bounds.length : at;
  };

  it('finds what a linear search finds, for any bounds and any value, bounds and their neighbours among them', () => {
    const bounds = fc.oneof(
      fc.uniqueArray(fc.double({ min: 5e-324, max: 1.7e308, noNaN: true }), { maxLength: 40 }),
      fc.uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 40 }),
    );
    fc.assert(
      fc.property(bounds, fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (unsorted, values) => {
        const sorted = unsorted.filter((bound) => !Object.is(bound, -0)).sort((a, b) => a - b);
        const { find } = { find: (value: number) => ladderOf(sorted).find(value) };
        const near = sorted.flatMap((bound) => [bound, bound * (1 + 2 ** -52), bound * (1 - 2 ** -52)]);
        for (const value of [...values, ...near]) expect(find(value)).toBe(linear(sorted, value));
      }),
    );
  });
});

it('a freeze keeps the labels of its rows, also of those that are given to other series later', () => {
  const { collector, orders: counted } = orders();
  const labels = { country: 'pt', paid: 'card' } as const;
  counted.inc(labels);
  const texts = (frozen: FrozenFamily) =>
    [...frozen.ids.keys()].filter((row) => frozen.ids[row] !== 0).map((row) => frozen.labelsOf(row).join());
  const read = () => collector.feed!.freeze().families.find(({ metric }) => metric.name === 'orders_total')!;
  const first = read();
  counted.remove(labels);
  counted.inc({ country: 'es', paid: 'cash' });
  const second = read();
  counted.remove({ country: 'es', paid: 'cash' });
  counted.inc({ country: 'fr', paid: 'cash' });
  counted.inc({ country: 'it', paid: 'cash' });
  expect([first, second, read()].map(texts)).toEqual([['pt,card'], ['es,cash'], ['fr,cash', 'it,cash']]);
});
