import { describe, expect, it } from 'vitest';
import {
  counter,
  exporter,
  gauge,
  histogram,
  info,
  job,
  live,
  serve,
  stateset,
  withLabels,
  withPrefix,
} from '../index.ts';
import { scrape } from '../testing/index.ts';

const shop = () =>
  live({
    name: 'shop',
    metrics: {
      orders: counter({
        name: 'shop_orders_total',
        help: 'Orders.',
        labels: { country: String, paid: ['card', 'cash'] },
      }),
      visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
      busy: gauge({ name: 'shop_checkouts_in_progress', help: 'Checkouts under way.' }),
      stock: gauge({ name: 'shop_stock', help: 'Items left.', labels: ['item'] }),
      took: histogram({
        name: 'shop_checkout_seconds',
        help: 'Time to check out.',
        unit: 'seconds',
        labels: ['step'],
        buckets: [0.1, 0.5, 2],
      }),
      about: info({ name: 'shop_build_info', help: 'The build.', labels: ['version'] }),
      till: stateset({ name: 'shop_till', help: 'State of the till.', states: ['open', 'shut'] }),
    },
  });

describe('live', () => {
  it('counts, measures and observes', async () => {
    const { orders, visits, busy, stock, took, about, till, collector } = shop();
    orders.inc({ country: 'pt', paid: 'card' });
    orders.inc({ paid: 'card', country: 'pt' }, 2.5);
    const cash = orders.with({ country: 'pt', paid: 'cash' });
    visits.inc();
    busy.inc();
    busy.dec(3);
    stock.set({ item: 'tea' }, 4);
    stock.inc({ item: 'tea' }, 2);
    stock.dec({ item: 'tea' });
    took.observe({ step: 'pay' }, 0.5);
    took.observe({ step: 'pay' }, 3);
    took.with({ step: 'pay' }).observe(0.01);
    about.set({ version: '1.2' });
    till.set('shut');
    const { text } = await scrape(collector);
    expect(text).toBe(`# HELP shop_build_info The build.
# TYPE shop_build_info gauge
shop_build_info{version="1.2"} 1
# HELP shop_checkout_seconds Time to check out.
# TYPE shop_checkout_seconds histogram
shop_checkout_seconds_bucket{step="pay",le="0.1"} 1
shop_checkout_seconds_bucket{step="pay",le="0.5"} 2
shop_checkout_seconds_bucket{step="pay",le="2.0"} 2
shop_checkout_seconds_bucket{step="pay",le="+Inf"} 3
shop_checkout_seconds_sum{step="pay"} 3.51
shop_checkout_seconds_count{step="pay"} 3
# HELP shop_checkouts_in_progress Checkouts under way.
# TYPE shop_checkouts_in_progress gauge
shop_checkouts_in_progress -2
# HELP shop_orders_total Orders.
# TYPE shop_orders_total counter
shop_orders_total{country="pt",paid="card"} 3.5
shop_orders_total{country="pt",paid="cash"} 0
# HELP shop_stock Items left.
# TYPE shop_stock gauge
shop_stock{item="tea"} 5
# HELP shop_till State of the till.
# TYPE shop_till gauge
shop_till{shop_till="open"} 0
shop_till{shop_till="shut"} 1
# HELP shop_visits_total Visits.
# TYPE shop_visits_total counter
shop_visits_total 1
`);
    cash.inc(2);
    const { value } = await scrape(collector);
    expect(value('shop_orders_total', { country: 'pt', paid: 'cash' })).toBe(2);
  });

  it('starts counters and histograms whose series are known at 0, but no gauges', async () => {
    const { collector } = live({
      name: 'zeros',
      metrics: {
        plain: counter({ name: 'plain_total', help: 'Plain.' }),
        known: counter({ name: 'known_total', help: 'Known.', labels: { a: ['x', 'y'], b: Boolean } }),
        open: counter({ name: 'open_total', help: 'Open.', labels: { a: ['x', 'y'], b: String } }),
        took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [1] }),
        level: gauge({ name: 'level', help: 'Level.' }),
        levels: gauge({ name: 'levels', help: 'Levels.', labels: { a: ['x', 'y'] } }),
      },
    });
    const { families, series } = await scrape(collector);
    expect([...families.keys()]).toEqual(['known_total', 'plain_total', 'took_seconds']);
    expect(series('known_total').map(({ labels, value }) => [labels.a, labels.b, value])).toEqual([
      ['x', 'true', 0],
      ['x', 'false', 0],
      ['y', 'true', 0],
      ['y', 'false', 0],
    ]);
  });

  it('is served, by two exporters at once, with labels and a prefix', async () => {
    const { visits, collector } = shop();
    visits.inc();
    const both = exporter({
      name: 'shop_exporter',
      collectors: [withLabels(collector, { zone: 'eu' }), withPrefix(collector, 'my_')],
    });
    const other = exporter({ name: 'other_exporter', collectors: [collector] });
    const servers = [await serve(both), await serve(other)];
    const texts = await Promise.all(servers.map(async ({ url }) => (await fetch(new URL('metrics', url))).text()));
    await Promise.all(servers.map((server) => server.close()));
    expect(texts[0]).toContain('\nshop_visits_total{zone="eu"} 1\n');
    expect(texts[0]).toContain('\nmy_shop_visits_total 1\n');
    expect(texts[1]).toContain('\nshop_visits_total 1\n');
  });

  it('times work, sync and async, and what throws', async () => {
    const { took, busy, collector } = shop();
    expect(took.time({ step: 'sync' }, () => 7)).toBe(7);
    const answer = took.time({ step: 'async' }, async () => {
      await Promise.resolve();
      return 8;
    });
    expect(await answer).toBe(8);
    expect(() =>
      took.time({ step: 'throws' }, () => {
        throw new RangeError('no');
      }),
    ).toThrow('no');
    const rejected = took.time({ step: 'rejects' }, () => Promise.reject(new RangeError('not')));
    await expect(rejected).rejects.toThrow('not');
    const end = took.start();
    expect(end({ step: 'timer' })).toBeGreaterThanOrEqual(0);
    let during: number | undefined;
    await busy.track(async () => {
      during = (await scrape(collector)).value('shop_checkouts_in_progress');
    });
    const { value } = await scrape(collector);
    expect(during).toBe(1);
    expect(value('shop_checkouts_in_progress')).toBe(0);
    for (const step of ['sync', 'async', 'throws', 'rejects', 'timer']) {
      expect(value('shop_checkout_seconds_count', { step })).toBe(1);
    }
  });

  it('runs `collect` for numbers that are read; a series that is counted as well keeps its count', async () => {
    const one = live({
      name: 'mixed',
      metrics: {
        seen: counter({ name: 'seen_total', help: 'Seen.', labels: ['by'] }),
        size: gauge({ name: 'size', help: 'Size.' }),
      },
      collect({ size, seen }, { signal }) {
        expect(signal.aborted).toBe(false);
        size.set(3);
        seen.set({ by: 'read' }, 5);
      },
    });
    one.seen.inc({ by: 'counted' });
    const { value, series } = await scrape(one.collector);
    expect([value('size'), series('seen_total').length]).toEqual([3, 2]);
    one.seen.inc({ by: 'read' });
    await expect(scrape(one.collector)).rejects.toThrow(/seen_total: collect writes a series that is counted as well/);
    const server = await serve(exporter({ name: 'mixed_exporter', collectors: [one.collector] }));
    const text = await (await fetch(new URL('metrics', server.url))).text();
    await server.close();
    expect(text).toContain('seen_total{by="read"} 1\n');
    expect(text).toContain('mixed_scrape_collector_dropped_samples_total{collector="mixed",reason="duplicate"} 1\n');
  });

  it.each([
    ['no metrics', {}, /live x: metrics must be an object, such as \{ orders: counter\(/],
    ['a list of metrics', { metrics: [counter({ name: 'a_total', help: 'A.' })] }, /live x: metrics must be an object/],
    ["prom-client's options", { metrics: { a: { name: 'a_total', help: 'A.' } } }, /live x: "a" is no metric; declare/],
    ['nothing under a key', { metrics: { a: undefined } }, /live x: "a" is no metric; declare it by counter\(\)/],
  ])('refuses %s', (_, declaration, why) => {
    expect(() => live({ name: 'x', ...declaration } as never)).toThrow(why);
  });

  it('is given to an exporter or a job by its collector', () => {
    const counted = shop();
    for (const make of [
      (...collectors: unknown[]) => exporter({ name: 'shop_exporter', collectors: collectors as never }),
      (...collectors: unknown[]) => job({ name: 'shop', collectors: collectors as never, run() {} }),
    ]) {
      expect(() => make(counted.collector)).not.toThrow();
      expect(() => make(counted.collector, counted)).toThrow(/collectors\[1\] counts, and has a collector; give that/);
      expect(() => make(counted.visits)).toThrow(/collectors\[0\] is no collector; make it by collector\(\)/);
      expect(() => make(undefined)).toThrow(/collectors\[0\] is no collector/);
    }
    expect(() => exporter({ name: 'shop_exporter', collectors: counted.collector as never })).toThrow(
      'exporter: collectors must be a list.',
    );
  });

  it('writes its rows through writers where its feed is not known', async () => {
    const { orders, took, about, till, busy, collector } = shop();
    orders.inc({ country: 'pt', paid: 'card' });
    took.observe({ step: 'pay' }, 0.5);
    about.set({ version: '1.2' });
    till.set('shut');
    busy.set(2);
    const { feed: _feed, ...unfed } = collector;
    expect((await scrape(unfed)).text).toBe((await scrape(collector)).text);
  });
});
