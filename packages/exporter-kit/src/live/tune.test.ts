import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { httpClient, httpServer } from '../http/index.ts';
import { counter, exporter, gauge, histogram, info, live, stateset, type Tuning } from '../index.ts';
import { scrape } from '../testing/index.ts';

const metrics = {
  orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
  visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
  busy: gauge({ name: 'shop_checkouts', help: 'Checkouts under way.' }),
  took: histogram({
    name: 'shop_checkout_seconds',
    help: 'Time to check out.',
    unit: 'seconds',
    labels: ['step'],
    buckets: [0.1, 0.5],
  }),
  about: info({ name: 'shop_build_info', help: 'The build.', labels: ['version'] }),
  till: stateset({ name: 'shop_till', help: 'The till.', states: ['open', 'shut'] }),
};
const shop = (tune: Tuning) => live({ name: 'shop', metrics, tune, maxSeries: 2 });

describe('tune', () => {
  it('replaces the buckets of one histogram, and the limit of one metric', async () => {
    const buckets = [1, 5];
    const { took, orders, collector } = shop({
      shop_checkout_seconds: { buckets },
      shop_orders_total: { maxSeries: 1 },
    });
    buckets.push(3);
    took.observe({ step: 'pay' }, 3);
    took.with({ step: 'pay' }).observe(0.3);
    for (const country of ['pt', 'es']) orders.inc({ country });
    await expect(scrape(collector)).rejects.toThrow(/limit of 1 series/);
    const { series } = await scrape(collector);
    expect(series('shop_checkout_seconds_bucket').map(({ labels, value }) => [labels.le, value])).toEqual([
      ['1.0', 1],
      ['5.0', 2],
      ['+Inf', 2],
    ]);
    expect(series('shop_orders_total').map(({ labels }) => labels.country)).toEqual(['pt', '__overflow__']);
    expect(metrics.took.buckets).toEqual([0.1, 0.5]);
  });

  it('turns native buckets off, and replaces their options', () => {
    const native = (tuning: Tuning[string]) => {
      const { took, collector } = shop({ shop_checkout_seconds: tuning });
      took.observe({ step: 'pay' }, 3);
      const { families } = collector.feed!.freeze({ natives: true });
      return families.find(({ metric }) => metric.name === 'shop_checkout_seconds')!.nativeOf?.(0);
    };
    expect(native({})).toMatchObject({ schema: 3 });
    expect(native({ native: false })).toBeUndefined();
    expect(native({ native: { schema: 5 } })).toMatchObject({ schema: 5 });
  });

  it('sets when the series of one metric are idle', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const { orders, took, collector } = shop({ shop_orders_total: { idleAfterMs: 1000 } });
    orders.inc({ country: 'pt' });
    took.observe({ step: 'pay' }, 1);
    const names = () =>
      Array.from(collector.feed!.freeze().families, ({ metric, ids }) => ids.some((id) => id > 0) && metric.name);
    expect(names()).toContain('shop_orders_total');
    vi.advanceTimersByTime(1500);
    expect(names()).not.toContain('shop_orders_total');
    expect(names()).toContain('shop_checkout_seconds');
  });

  it('turns metrics off: every call works and none counts, nor does what `collect` writes', async () => {
    const off = Object.fromEntries(Object.values(metrics).map(({ name }) => [name, { off: true }]));
    const one = live({
      name: 'shop',
      metrics,
      tune: { ...off, shop_visits_total: {} },
      collect({ busy, about, took }) {
        busy.set(1);
        about.set({ version: '1' });
        took.set({ step: 'read' }, { counts: [1, 1, 1], sum: 3 });
      },
    });
    const { orders, visits, busy, took, about, till, collector } = one;
    const bound = orders.with({ country: 'pt' });
    bound.inc();
    orders.inc({ country: 'pt' }, Number.NaN);
    orders.remove({ country: 'pt' });
    busy.set(2);
    busy.setToCurrentTime();
    expect(busy.track(() => 7)).toBe(7);
    took.observe({ step: 'pay' }, 1);
    expect(took.time({ step: 'pay' }, () => 8)).toBe(8);
    await expect(took.with({ step: 'pay' }).time(() => Promise.reject(new RangeError('no')))).rejects.toThrow('no');
    expect(took.start()({ step: 'pay' })).toBeGreaterThanOrEqual(0);
    about.set({ version: '1' });
    till.set('open');
    visits.inc();
    expect([...(await scrape(collector)).families.keys()]).toEqual(['shop_visits_total']);
    expect(Object.keys(collector.metrics)).toEqual(['visits']);
    // Another collector may expose a metric that is off here.
    const other = live({ name: 'other', metrics: { busy: metrics.busy } });
    expect(() => exporter({ name: 'shop_exporter', collectors: [collector, other.collector] })).not.toThrow();
  });

  it.each<[unknown, string]>([
    [{ shop_checkout_secnds: {} }, 'tune.shop_checkout_secnds is unknown; did you mean shop_checkout_seconds?'],
    [{ took: {} }, 'tune.took is unknown; known: shop_orders_total, shop_visits_total, '],
    [{ constructor: {} }, 'tune.constructor is unknown; known: '],
    [{ shop_checkout_seconds: { bucket: [1] } }, 'tune.shop_checkout_seconds.bucket is unknown; did you mean buckets?'],
    [{ shop_till: { toString: 1 } }, 'tune.shop_till.toString is unknown; known: buckets, '],
    [{ shop_checkout_seconds: { buckets: [5, 1] } }, 'buckets must be ascending, but 1 follows 5; sort them.'],
    [{ shop_checkout_seconds: { buckets: [1, '5'] } }, 'buckets contains "5", which is not a number from '],
    [{ shop_checkout_seconds: { buckets: [1, Infinity] } }, 'buckets contains Infinity, which is not a number from '],
    [{ shop_checkout_seconds: { buckets: 5 } }, 'tune.shop_checkout_seconds.buckets must be a list of numbers.'],
    [{ shop_till: { buckets: [1] } }, 'tune.shop_till.buckets is for histograms, not for a stateset; remove it.'],
    [{ shop_till: { native: false } }, 'tune.shop_till.native is for histograms, not for a stateset; remove it.'],
    [{ shop_checkout_seconds: { native: 'no' } }, 'tune.shop_checkout_seconds.native must be true, false or '],
    [{ shop_checkout_seconds: { native: { schema: 9 } } }, 'native must have a whole number from -4 to 8 as schema, '],
    [{ shop_till: { maxSeries: 0 } }, 'tune.shop_till.maxSeries must be a whole number above 0, not 0.'],
    [{ shop_till: { idleAfterMs: '5m' } }, 'tune.shop_till.idleAfterMs must be a number above 0, not "5m".'],
    [{ shop_till: { off: 'yes' } }, 'tune.shop_till.off must be true or false, not "yes".'],
    [{ shop_till: true }, 'tune.shop_till must be a map, such as { off: true }, not true.'],
    [[], 'tune must be a map by the names of metrics, not a list.'],
    [null, 'tune must be a map by the names of metrics, not null.'],
  ])('refuses %j', (tune, why) => {
    expect(() => shop(tune as Tuning)).toThrow(TypeError);
    expect(() => shop(tune as Tuning)).toThrow(`live shop: `);
    expect(() => shop(tune as Tuning)).toThrow(why);
  });

  it('names all mistakes at once', () => {
    expect(() => shop({ shop_tll: {}, shop_till: { maxSeries: 1.5 } })).toThrow(/shop_till\?.*maxSeries must/);
  });
});

it('tunes the instruments of HTTP servers and clients', async () => {
  const server = httpServer({
    buckets: [1],
    tune: {
      http_server_request_duration_seconds: { buckets: [0.5, 2], native: false },
      http_server_requests_in_flight: { off: true },
    },
  });
  server.duration.observe({ method: 'GET', route: '/', code: 200 }, 1);
  const { series, families } = await scrape(server.collector);
  expect(series('http_server_request_duration_seconds_bucket').map(({ labels }) => labels.le)).toEqual([
    '0.5',
    '2.0',
    '+Inf',
  ]);
  expect([...families.keys()]).toEqual(['http_server_request_duration_seconds']);
  expect(() => httpClient({ tune: { http_client_requests_total: {} } })).toThrow(
    'live http_client: tune.http_client_requests_total is unknown',
  );
});
