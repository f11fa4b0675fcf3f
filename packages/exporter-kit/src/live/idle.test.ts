import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reader, type Row, rowsOf } from '../../test/start-reader.ts';
import { counter, gauge, histogram, info, live } from '../index.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const shop = (idleAfterMs?: number) =>
  live({
    name: 'shop',
    ...(idleAfterMs === undefined ? {} : { idleAfterMs }),
    span: false,
    metrics: {
      orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
      took: histogram({ name: 'shop_seconds', help: 'Time.', unit: 'seconds', labels: ['step'], buckets: [1, 2] }),
      paid: counter({ name: 'shop_paid_total', help: 'Paid.', labels: { by: ['card', 'cash'] } }),
      visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
      stock: gauge({ name: 'shop_stock', help: 'Stock.', labels: ['item'] }),
      about: info({ name: 'shop_build_info', help: 'Build.', labels: ['version'] }),
    },
  });
type Shop = ReturnType<typeof shop>;

/** What a scrape reads after some time: exposed rows by the values of their labels. */
function read({ collector }: Pick<Shop, 'collector'>, name: string, afterMs = 0): Map<string, Row> {
  vi.advanceTimersByTime(afterMs);
  return rowsOf(collector.feed!.freeze().families.find(({ metric }) => metric.name === name)!);
}

const numbers = (rows: Map<string, Row>) => Object.fromEntries([...rows].map(([key, row]) => [key, row.numbers[0]]));

describe('start timestamps', () => {
  it('are when a series began: with live(), or when it was first counted', () => {
    const one = shop();
    const at = Date.now();
    vi.advanceTimersByTime(500);
    one.orders.inc({ country: 'pt' });
    vi.advanceTimersByTime(500);
    one.visits.inc();
    one.orders.inc({ country: 'pt' });
    one.orders.with({ country: 'fr' });
    expect(read(one, 'shop_visits_total').get('')!.start).toBe(at);
    expect(read(one, 'shop_paid_total').get('cash')!.start).toBe(at);
    const orders = read(one, 'shop_orders_total');
    expect([orders.get('pt')!.start, orders.get('fr')!.start]).toEqual([at + 500, at + 1000]);
    one.stock.set({ item: 'tea' }, 1);
    expect(read(one, 'shop_stock').get('tea')!.start).toBeUndefined();
  });

  it('begin anew for a series that was removed: no earlier than it was last read', () => {
    const one = shop();
    const child = one.orders.with({ country: 'pt' });
    child.inc(5);
    one.orders.inc({ country: 'fr' }, 5);
    read(one, 'shop_orders_total', 100);
    const last = Date.now();
    vi.advanceTimersByTime(100);
    one.orders.remove({ country: 'pt' });
    one.orders.remove({ country: 'fr' });
    one.orders.inc({ country: 'fr' }, 2);
    vi.advanceTimersByTime(100);
    child.inc(3);
    const { pt, fr } = Object.fromEntries(read(one, 'shop_orders_total', 100));
    expect(pt).toEqual({ numbers: [3], start: last });
    expect(fr).toEqual({ numbers: [2], start: last + 100 });
  });
});

describe('idleAfterMs', () => {
  it('is a number above 0', () => {
    for (const wrong of [0, -1, Number.NaN, '1']) expect(() => shop(wrong as number)).toThrow('live shop: idleAfterMs');
  });

  it('never hides anything by default', () => {
    const one = shop();
    one.orders.inc({ country: 'pt' });
    read(one, 'shop_orders_total');
    expect(read(one, 'shop_orders_total', 1e12).size).toBe(1);
  });

  it('hides what no reading has seen changing for so long, and is looked at when it is read', () => {
    const one = shop(1000);
    one.orders.inc({ country: 'pt' });
    one.orders.inc({ country: 'fr' });
    // However late it is read: nobody has seen these numbers.
    expect(numbers(read(one, 'shop_orders_total', 5000))).toEqual({ pt: 1, fr: 1 });
    expect(numbers(read(one, 'shop_orders_total', 999))).toEqual({ pt: 1, fr: 1 });
    one.orders.inc({ country: 'fr' });
    expect(numbers(read(one, 'shop_orders_total', 1))).toEqual({ fr: 2 });
    expect(numbers(read(one, 'shop_orders_total', 1000))).toEqual({});
    one.orders.inc({ country: 'pt' }, 7);
    expect(numbers(read(one, 'shop_orders_total', 1))).toEqual({ pt: 7 });
  });

  it('keeps series that are there from the start', () => {
    const one = shop(1000);
    one.visits.inc();
    read(one, 'shop_visits_total');
    expect(numbers(read(one, 'shop_visits_total', 5000))).toEqual({ '': 1 });
    expect(numbers(read(one, 'shop_paid_total', 5000))).toEqual({ card: 0, cash: 0 });
  });

  it('brings a bound child back from 0, begun with the reading before; its row is its own all the while', () => {
    const one = shop(1000);
    const child = one.orders.with({ country: 'pt' });
    child.inc(5);
    read(one, 'shop_orders_total');
    expect(read(one, 'shop_orders_total', 1000).size).toBe(0);
    const last = Date.now();
    one.orders.inc({ country: 'fr' });
    one.orders.inc({ country: 'es' });
    expect(numbers(read(one, 'shop_orders_total', 10))).toEqual({ fr: 1, es: 1 });
    child.inc(2);
    one.orders.inc({ country: 'pt' });
    expect(read(one, 'shop_orders_total', 10).get('pt')).toEqual({ numbers: [3], start: last + 10 });
  });

  it('frees rows that are not bound for the next series', () => {
    const one = shop(1000);
    for (let i = 0; i < 10; i++) {
      one.orders.inc({ country: i });
      read(one, 'shop_orders_total');
      read(one, 'shop_orders_total', 1000);
    }
    expect(one.collector.feed!.freeze().families[0]!.ids).toHaveLength(1);
  });

  it('hides gauges and infos that are not set, whatever their value', () => {
    const one = shop(1000);
    one.stock.set({ item: 'tea' }, 4);
    one.stock.set({ item: 'milk' }, 2);
    one.about.set({ version: '1' });
    read(one, 'shop_stock');
    one.stock.set({ item: 'milk' }, 2);
    expect(numbers(read(one, 'shop_stock', 1000))).toEqual({ milk: 2 });
    expect(read(one, 'shop_build_info').size).toBe(0);
    expect(numbers(read(one, 'shop_stock', 1000))).toEqual({});
    one.stock.inc({ item: 'tea' });
    one.about.set({ version: '1' });
    expect(numbers(read(one, 'shop_stock'))).toEqual({ tea: 1 });
    expect(read(one, 'shop_build_info').size).toBe(1);
  });

  it('keeps gauges that have to come back to 0', () => {
    const one = shop(1000);
    const bound = one.stock.with({ item: 'bound' });
    one.stock.inc({ item: 'tea' });
    bound.inc();
    read(one, 'shop_stock');
    expect(numbers(read(one, 'shop_stock', 9000))).toEqual({ bound: 1, tea: 1 });
    one.stock.dec({ item: 'tea' });
    bound.dec();
    expect(numbers(read(one, 'shop_stock', 10))).toEqual({ bound: 0, tea: 0 });
    expect(numbers(read(one, 'shop_stock', 1000))).toEqual({});
  });
});

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ what: fc.constant('count' as const), key: fc.nat(4), bound: fc.boolean(), by: fc.nat(3) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ what: fc.constant('read' as const), afterMs: fc.integer({ min: 1, max: 80 }) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('bind' as const), key: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('remove' as const), key: fc.nat(4) }) },
  ),
  { maxLength: 80, size: 'max' },
);

it('every sum is as counted, to a reader that honours start timestamps, and every change is there for so long', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 150 }), (history, idleAfterMs) => {
      const one = shop(idleAfterMs);
      const children = new Map<number, ReturnType<typeof one.orders.with>>();
      const [orders, took] = [new Reader(), new Reader()];
      const counted = new Map<string, number>();
      const observed = new Map<string, number[]>();
      // By series, while it is exposed: when a reading first had its last change. Undefined: none had so far.
      const changes = new Map<string, number | undefined>();
      const readAll = (): void => {
        const [rows, observations] = one.collector.feed!.freeze().families.map(rowsOf);
        orders.read(rows!);
        took.read(observations!);
        for (const [key, at] of changes) {
          if (at === undefined) changes.set(key, Date.now());
          else if (Date.now() - at >= idleAfterMs) changes.delete(key);
        }
        expect([...rows!.keys()].sort()).toEqual([...changes.keys()].sort());
      };
      for (const step of history) {
        if (step.what === 'read') {
          vi.advanceTimersByTime(step.afterMs);
          readAll();
          continue;
        }
        const key = String(step.key);
        if (step.what === 'bind') {
          children.set(step.key, one.orders.with({ country: step.key }));
          if (!changes.has(key)) changes.set(key, undefined);
        } else if (step.what === 'remove') {
          // Read at once, as what no reader has seen is lost with the series.
          vi.advanceTimersByTime(1);
          readAll();
          one.orders.remove({ country: step.key });
          changes.delete(key);
        } else {
          const { by } = step;
          const child = step.bound ? children.get(step.key) : undefined;
          if (child === undefined) one.orders.inc({ country: step.key }, by);
          else child.inc(by);
          counted.set(key, (counted.get(key) ?? 0) + by);
          // A bound row that is hidden comes back with its first increase.
          if (by > 0 || (child === undefined && !children.has(step.key) && !changes.has(key)))
            changes.set(key, undefined);
          one.took.observe({ step: step.key }, by);
          const all = observed.get(key) ?? [0, 0, 0, 0];
          all[by <= 1 ? 0 : by <= 2 ? 1 : 2]!++;
          all[3]! += by;
          observed.set(key, all);
        }
      }
      vi.advanceTimersByTime(1);
      readAll();
      for (const [key, sum] of counted) expect(orders.sums.get(key) ?? [0]).toEqual([sum]);
      expect(took.sums).toEqual(observed);
    }),
    { numRuns: 60 },
  );
});
