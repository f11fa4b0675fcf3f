import { chosenGeneration, needPeers, type Prometheus, scrapeOf, startPrometheus } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counter, exporter, histogram, live, type Serving, serve } from '../src/index.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

const shop = live({
  name: 'shop',
  span: () => ({ traceId, spanId, traceFlags: 1 }),
  metrics: {
    orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
    took: histogram({
      name: 'shop_checkout_seconds',
      help: 'Time to check out.',
      unit: 'seconds',
      labels: ['step'],
      buckets: [0.1, 0.5],
    }),
  },
});

interface StoredExemplars {
  readonly seriesLabels: { readonly [label: string]: string };
  readonly exemplars: readonly {
    readonly labels: { readonly [label: string]: string };
    readonly value: string;
    readonly timestamp: number;
  }[];
}

const ok = needPeers('prometheus');
describe.skipIf(!ok)('exemplars and start timestamps in a real Prometheus', () => {
  const today = chosenGeneration() === 'today';
  let serving: Serving;
  let prometheus: Prometheus;
  const began = Date.now();

  beforeAll(async () => {
    shop.orders.inc({ country: 'pt' }, 3);
    shop.took.observe({ step: 'pay' }, 0.3);
    shop.took.observe({ step: 'pay' }, 7, { trace_id: 'by hand', order: '17' });
    const served = exporter({ name: 'test_exporter', collectors: [shop.collector] });
    serving = await serve(served, { openMetricsCreated: today });
    // Since it asks for start timestamps, it would prefer protobuf.
    const protocols = today ? { scrape_protocols: ['OpenMetricsText1.0.0'] } : {};
    const features = ['exemplar-storage', ...(today ? ['created-timestamp-zero-ingestion'] : [])];
    prometheus = await startPrometheus({
      scrapeConfigs: [scrapeOf('shop', `${serving.url}metrics`, protocols)],
      flags: [`--enable-feature=${features.join(',')}`],
    });
    await prometheus.waitFor('shop_orders_total');
  });
  afterAll(async () => {
    await prometheus?.stop();
    await serving?.close(0);
  });

  async function stored(query: string): Promise<readonly StoredExemplars[]> {
    const [start, end] = [began / 1000 - 1, Date.now() / 1000 + 1];
    const params = new URLSearchParams({ query, start: String(start), end: String(end) });
    const answer = await fetch(`${prometheus.url}/api/v1/query_exemplars?${params}`);
    return ((await answer.json()) as { data: readonly StoredExemplars[] }).data;
  }

  it('lead from a counter and a bucket to traces', async () => {
    await expect.poll(() => stored('shop_orders_total')).toHaveLength(1);
    const [{ seriesLabels, exemplars: [exemplar] = [] }] = (await stored('shop_orders_total')) as [StoredExemplars];
    expect(seriesLabels).toMatchObject({ __name__: 'shop_orders_total', country: 'pt', job: 'shop' });
    expect(exemplar).toMatchObject({ labels: { trace_id: traceId, span_id: spanId }, value: '3' });
    const at = exemplar!.timestamp * 1000;
    expect(at).toBeGreaterThanOrEqual(began);
    expect(at).toBeLessThanOrEqual(Date.now());

    const buckets = await stored('shop_checkout_seconds_bucket{step="pay"}');
    expect(
      Object.fromEntries(
        buckets.map((one) => [one.seriesLabels.le, [one.exemplars[0]!.labels, one.exemplars[0]!.value]]),
      ),
    ).toEqual({
      '0.5': [{ trace_id: traceId, span_id: spanId }, '0.3'],
      '+Inf': [{ trace_id: 'by hand', order: '17' }, '7'],
    });
  });

  it('are replaced by later ones', async () => {
    shop.took.observe({ step: 'pay' }, 8, { trace_id: 'later' });
    const values = async (): Promise<readonly string[]> =>
      (await stored('shop_checkout_seconds_bucket{le="+Inf"}')).flatMap(({ exemplars }) =>
        exemplars.map(({ labels }) => labels.trace_id!),
      );
    await expect.poll(values).toEqual(['by hand', 'later']);
  });

  it.skipIf(!today)('let no first increments go unseen', async () => {
    shop.orders.inc({ country: 'fr' }, 5);
    // Its first sample is 5; without a start, nothing would tell from what.
    await prometheus.waitFor('increase(shop_orders_total{country="fr"}[1m]) > 0');
    for (const zero of ['shop_orders_total{country="fr"}', 'shop_checkout_seconds_bucket', 'shop_checkout_seconds_sum'])
      expect(await prometheus.query(`min_over_time(${zero}[1m]) > 0`)).toEqual([]);
    expect(await prometheus.query('{__name__=~".+_created"}')).toEqual([]);
  });
});
