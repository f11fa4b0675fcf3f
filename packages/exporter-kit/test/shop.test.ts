import { fileURLToPath } from 'node:url';
import {
  needPeers,
  type Program,
  type Prometheus,
  type QueryResult,
  scrapeOf,
  startProgram,
  startPrometheus,
  until as untilWithin,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get } from './get.ts';
import { type Watch, watch } from './live-watch.ts';

const program = fileURLToPath(new URL('shop/shop.mjs', import.meta.url));

const until = <T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> =>
  untilWithin(what, attempt, 50_000);

interface Shop {
  readonly metrics: string;
  /** Of the workers. */
  readonly shop: string;
  readonly run: Program;
}

async function open(port = '0'): Promise<Shop> {
  const run = await startProgram([program, port], { until: /^\{.*\}$/m });
  return { ...JSON.parse(run.match[0]), run };
}

/** Orders from a country; resolves to the worker that took it. Node may hand a connection to a worker that is just dying. */
async function order({ shop }: Shop, country: string, traceId = '00f067aa0ba902b700f067aa0ba902b7'): Promise<number> {
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const { status, headers } = await get(
    `${shop}/orders/${country}`,
    { traceparent },
    'POST',
    AbortSignal.timeout(5000),
  );
  expect(status).toBe(202);
  return Number(headers.worker);
}

const ORDERS = 'sum(shop_orders_total{country="pt"})';

describe.skipIf(!needPeers('prometheus'))('a shop under Prometheus', () => {
  let prometheus: Prometheus;
  let shop: Shop;
  let watching: Watch;

  beforeAll(async () => {
    shop = await open();
    watching = watch(shop.metrics);
    prometheus = await startPrometheus({
      scrapeConfigs: [scrapeOf('shop', shop.metrics, { scrape_protocols: ['OpenMetricsText1.0.0'] })],
      flags: ['--enable-feature=exemplar-storage,created-timestamp-zero-ingestion'],
    });
  }, 120_000);
  afterAll(async () => {
    await watching?.stop();
    await prometheus?.stop();
    await shop?.run.stop('SIGKILL');
  });

  const value = async (promql: string, wanted: number): Promise<void> => {
    await prometheus.waitFor(promql, ([first]) => first?.value === wanted);
  };
  const labels = (results: readonly QueryResult[], name: string): (string | undefined)[] =>
    results.map(({ metric }) => metric[name]).sort();

  it('has its rates by route, whichever worker answered', async () => {
    await value('shop_orders_total{paid="card"} or on() vector(0)', 0);
    const workers = new Set<number>();
    let orders = 0;
    await until('both workers have taken orders', async () => {
      workers.add(await order(shop, 'pt'));
      orders++;
      return workers.size === 2 || undefined;
    });
    for (const id of [1, 2, 3]) await get(`${shop.shop}/items/${id}`);
    await value(ORDERS, orders);
    await value(
      'sum(http_server_request_duration_seconds_count{route="/orders/:country",method="POST",code="202"})',
      orders,
    );
    const rates = await prometheus.waitFor(
      'sum by (route)(rate(http_server_request_duration_seconds_count[1m])) > 0',
      (found) => found.length === 2,
    );
    expect(labels(rates, 'route')).toEqual(['/items/:id', '/orders/:country']);
    await value('shop_packing_seconds_count', orders);
    await value('shop_orders_waiting', 0);
  }, 120_000);

  it('has the trace of an order that was packed, in OpenMetrics and in Prometheus', async () => {
    const traceId = 'c0ffee00c0ffee00c0ffee00c0ffee00';
    const text = await until('an exemplar', async () => {
      await order(shop, 'pt', traceId);
      const response = await fetch(shop.metrics, { headers: { accept: 'application/openmetrics-text;version=1.0.0' } });
      const body = await response.text();
      return body.includes(`trace_id="${traceId}"`) ? body : undefined;
    });
    expect(text).toMatch(
      new RegExp(
        `^shop_packing_seconds_bucket\\{le="[^"]+"\\} \\d+ # \\{trace_id="${traceId}",span_id="[0-9a-f]{16}"\\} `,
        'm',
      ),
    );
    const stored = await until('the stored exemplar', async () => {
      const query = new URLSearchParams({
        query: 'shop_packing_seconds_bucket',
        start: '0',
        end: String(Date.now() / 1000 + 60),
      });
      const answer = await (await fetch(`${prometheus.url}/api/v1/query_exemplars?${query}`)).text();
      return answer.includes(traceId) ? answer : undefined;
    });
    expect(JSON.parse(stored)).toMatchObject({ status: 'success' });
  }, 120_000);

  it('keeps what a killed worker has counted', async () => {
    const killed = await order(shop, 'pt');
    // What it has told by now is kept.
    const [{ value: before }] = await prometheus.waitFor(ORDERS);
    await until('its last order was told', async () => {
      const [now] = await prometheus.query('sum(shop_orders_total) - sum(shop_packing_seconds_count)');
      return now?.value === 0 || undefined;
    });
    process.kill(killed, 'SIGKILL');
    let more = 0;
    await until('another worker has taken its place', async () => {
      const worker = await order(shop, 'pt');
      more++;
      return (worker !== killed && more > 4) || undefined;
    });
    await prometheus.waitFor(ORDERS, ([first]) => first!.value >= before + more);
    await value('sum(resets({__name__=~"shop_.*_total|.*_count"}[10m]))', 0);
    expect(watching.falls).toEqual([]);
  }, 120_000);

  it('loses no first order when it is deployed anew', async () => {
    const { port } = new URL(shop.metrics);
    await watching.stop();
    await shop.run.stop();
    await value('up{job="shop"}', 0);
    shop = await open(port);
    // All of them may come before the first scrape.
    for (let i = 0; i < 3; i++) await order(shop, 'fr');
    const increase =
      'max_over_time(shop_orders_total{country="fr"}[10m]) - min_over_time(shop_orders_total{country="fr"}[10m])';
    await value(increase, 3);
    await prometheus.waitFor('increase(shop_orders_total{country="fr"}[10m])', ([first]) => first!.value >= 3);
  }, 120_000);
});
