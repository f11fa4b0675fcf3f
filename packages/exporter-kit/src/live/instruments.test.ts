import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { silent } from '../collect/context.ts';
import { counter, exporter, gauge, histogram, info, live, serve, stateset } from '../index.ts';
import { scrape } from '../testing/index.ts';

const shop = (maxSeries?: number) =>
  live({
    name: 'shop',
    ...(maxSeries === undefined ? {} : { maxSeries }),
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: { country: String, paid: ['card', 'cash'] } }),
      visits: counter({ name: 'visits_total', help: 'Visits.' }),
      stock: gauge({ name: 'stock', help: 'Stock.', labels: ['item'] }),
      level: gauge({ name: 'level', help: 'Level.' }),
      sizes: histogram({ name: 'size_bytes', help: 'Sizes.', unit: 'bytes', labels: ['kind'], buckets: [1] }),
      took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [10] }),
      about: info({ name: 'build_info', help: 'The build.', labels: ['version'] }),
      door: stateset({ name: 'door', help: 'The door.', states: ['open', 'shut'], labels: ['side'] }),
    },
  });

/** What every further reading reports, as a test's `scrape` does. */
const reported = async ({ collector }: Pick<ReturnType<typeof shop>, 'collector'>): Promise<string> =>
  scrape(collector).then(
    () => 'nothing',
    (error: Error) => error.message,
  );

describe('a gauge', () => {
  it.each([Number.NaN, Infinity, -Infinity, -2.5, 1e308])(
    'takes %d: any number may be the state of something',
    async (n) => {
      const one = shop();
      one.level.set(n);
      one.stock.set({ item: 'tea' }, n);
      one.stock.with({ item: 'milk' }).set(n);
      const { value, series } = await scrape(one.collector);
      expect(value('level')).toBe(n);
      expect(series('stock').map((found) => found.value)).toEqual([n, n]);
    },
  );

  it.each(['3', null, 3n, true, [3]])('refuses %s, and stays as it was', async (wrong) => {
    const one = shop();
    one.level.set(1);
    const tea = one.stock.with({ item: 'tea' });
    tea.set(1);
    for (const write of ['set', 'inc', 'dec'] as const) {
      one.stock[write]({ item: 'tea' }, wrong as never);
      expect(await reported(one)).toMatch(/stock\{item="tea"\}: a gauge takes a number/);
      tea[write](wrong as never);
      expect(await reported(one)).toMatch(/stock\{item="tea"\}: a gauge takes a number/);
    }
    const { value } = await scrape(one.collector);
    expect(value('level')).toBe(1);
  });

  it('is set to the time, by seconds', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_250 });
    onTestFinished(() => void vi.useRealTimers());
    const one = shop();
    one.level.setToCurrentTime();
    one.stock.setToCurrentTime({ item: 'tea' });
    one.stock.with({ item: 'milk' }).setToCurrentTime();
    const { value, series } = await scrape(one.collector);
    expect(value('level')).toBe(1_700_000_000.25);
    expect(series('stock').map((found) => found.value)).toEqual([1_700_000_000.25, 1_700_000_000.25]);
  });

  it('tracks work under labels, also if the series is removed meanwhile', async () => {
    const one = shop();
    const during = one.stock.track({ item: 'tea' }, () => scrape(one.collector));
    expect((await during).value('stock', { item: 'tea' })).toBe(1);
    expect((await scrape(one.collector)).value('stock', { item: 'tea' })).toBe(0);
    expect(() =>
      one.stock.track({ item: 'tea' }, () => {
        one.stock.remove({ item: 'tea' });
        throw new RangeError('no');
      }),
    ).toThrow('no');
  });
});

describe('a sum', () => {
  it('never becomes Infinity: what would make it so is refused', async () => {
    const one = shop();
    const most = Number.MAX_VALUE;
    const labels = { country: 'pt', paid: 'card' } as const;
    const adds = [
      () => one.visits.inc(most),
      () => one.orders.inc(labels, most),
      () => one.orders.with(labels).inc(most),
      () => one.sizes.observe({ kind: 'big' }, most),
      () => one.sizes.with({ kind: 'big' }).observe(-most),
      () => one.took.observe(-most),
    ];
    for (const add of adds) add();
    expect(await reported(one)).toMatch(
      /orders_total\{country="pt",paid="card"\}: inc takes no more than leaves the sum finite, not 1.79\d*e\+308/,
    );
    one.sizes.observe({ kind: 'big' }, most);
    for (const add of [adds[0]!, adds[1]!, adds[3]!, adds[5]!]) {
      add();
      expect(await reported(one)).toMatch(/takes .* leaves the sum finite, not -?1\.79/);
    }
    const { value } = await scrape(one.collector);
    expect([value('visits_total'), value('orders_total', labels)]).toEqual([most, most]);
    expect([value('size_bytes_sum', { kind: 'big' }), value('size_bytes_count', { kind: 'big' })]).toEqual([most, 3]);
    expect([value('took_seconds_sum'), value('took_seconds_count')]).toEqual([-most, 1]);
  });
});

describe('a timer', () => {
  it('is of one series, where there are no labels left to tell', async () => {
    const one = shop();
    const child = one.sizes.with({ kind: 'bound' });
    expect([one.took.time(() => 7), child.time(() => 8), await one.took.time(async () => 9)]).toEqual([7, 8, 9]);
    expect([one.took.start()(), child.start()()].every((seconds) => seconds >= 0 && seconds < 10)).toBe(true);
    expect(() =>
      one.took.time(() => {
        throw new RangeError('no');
      }),
    ).toThrow('no');
    const { value } = await scrape(one.collector);
    expect([value('took_seconds_count'), value('size_bytes_count', { kind: 'bound' })]).toEqual([4, 2]);
  });

  it('returns what the work does, also what cannot be looked at', async () => {
    const one = shop();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(one.took.time(() => proxy) === proxy).toBe(true);
    expect(one.level.track(() => proxy) === proxy).toBe(true);
    const { value } = await scrape(one.collector);
    expect([value('took_seconds_count'), value('level')]).toEqual([1, 0]);
  });
});

describe('labels', () => {
  it('that are not declared are left away, and reported; the rest counts', async () => {
    const one = shop();
    for (let i = 1; i <= 2; i++) {
      one.orders.inc({ country: 'pt', paid: 'card', zone: `z${i}` } as never);
      expect(await reported(one)).toMatch(/label "zone" is not declared/);
    }
    expect((await scrape(one.collector)).value('orders_total', { country: 'pt', paid: 'card' })).toBe(2);
  });

  it('may be empty where none are declared, as those of a list that is empty at run time', async () => {
    const one = shop();
    const loose = one as unknown as Record<
      'visits' | 'level' | 'took',
      Record<string, (...args: unknown[]) => unknown>
    >;
    loose.visits.inc!({});
    loose.visits.inc!({}, 2);
    loose.level.set!({}, 5);
    loose.level.inc!({}, 2);
    loose.level.dec!({});
    loose.took.observe!({}, 2);
    loose.took.time!({}, () => {});
    (loose.took.start!() as (labels: object) => void)({});
    const { value } = await scrape(one.collector);
    expect([value('visits_total'), value('level'), value('took_seconds_count')]).toEqual([3, 6, 3]);
    loose.visits.inc!({ country: 'pt' });
    expect(await reported(one)).toMatch(/visits_total: inc takes a finite number of 0 or more, not object/);
  });
});

describe('infos and statesets', () => {
  it('have one series for each of their labels, until it is removed', async () => {
    const one = shop();
    one.door.set({ side: 'left' }, 'open');
    one.door.set({ side: 'left' }, 'shut');
    one.door.set({ side: 'right' }, 'open');
    one.about.set({ version: '1' });
    one.about.set({ version: '2' });
    one.door.remove({ side: 'right' });
    one.about.remove({ version: '1' });
    const { series } = await scrape(one.collector);
    expect(series('door').map(({ labels, value }) => [labels.side, labels.door, value])).toEqual([
      ['left', 'open', 0],
      ['left', 'shut', 1],
    ]);
    expect(series('build_info').map(({ labels }) => labels.version)).toEqual(['2']);
  });

  it('refuse what is not declared', async () => {
    const one = shop();
    one.door.set({ side: 'left' }, 'ajar' as never);
    expect(await reported(one)).toMatch(/door\{side="left"\}: set takes one of its states open, shut/);
    one.door.set('open' as never, undefined as never);
    expect(await reported(one)).not.toBe('nothing');
    one.about.set(undefined as never);
    expect(await reported(one)).toContain('version');
    expect((await scrape(one.collector)).series('door')).toEqual([]);
  });

  it('are refused above maxSeries: one that stands for others would lie', async () => {
    const one = shop(2);
    for (const name of ['a', 'b', 'c']) one.about.set({ version: name });
    expect(await reported(one)).toMatch(/build_info\{version="c"\}.*limit of 2 series, so it is not kept/);
    for (const name of ['a', 'b', 'c']) one.door.set({ side: name }, 'open');
    expect(await reported(one)).toMatch(/door\{side="c"\}.*limit of 2 series, so it is not kept/);
    const { series } = await scrape(one.collector);
    expect([series('build_info').length, series('door').length]).toEqual([2, 4]);
  });
});

describe('series', () => {
  it('are not there from the start if their values are very many', async () => {
    const values = Array.from({ length: 32 }, (_, i) => `v${i}`);
    const count = async (b: readonly string[]): Promise<number> => {
      const { collector } = live({
        name: 'zeros',
        metrics: { zeros: counter({ name: 'zeros_total', help: 'Zeros.', labels: { a: values, b } }) },
      });
      return (await scrape(collector)).series('zeros_total').length;
    };
    expect([await count(values.slice(0, 31)), await count(values)]).toEqual([992, 0]);
  });

  it('are 2000 of each metric, unless told otherwise; the others are reported once, and counted', async () => {
    const one = shop();
    for (let id = 0; id < 2010; id++) one.orders.inc({ country: `c${id}`, paid: 'card' });
    const warnings: object[] = [];
    const log = { ...silent, warn: (facts: object) => void warnings.push(facts) };
    const server = await serve(exporter({ name: 'shop_exporter', collectors: [one.collector] }), { log });
    const texts: string[] = [];
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      texts.push(await (await fetch(new URL('metrics', server.url))).text());
      one.orders.inc({ country: 'one more', paid: 'card' });
    }
    await server.close();
    expect(texts[0]!.match(/^orders_total\{/gm)!.length).toBe(2001);
    expect(texts[1]).toContain('\norders_total{country="__overflow__",paid="card"} 11\n');
    expect(texts[1]).toContain('\nshop_scrape_collector_dropped_samples_total{collector="shop",reason="folded"} 11\n');
    expect(warnings).toEqual([
      expect.objectContaining({ reason: 'folded', first: expect.stringMatching(/c2000.*raise maxSeries/) }),
    ]);
  });
});
