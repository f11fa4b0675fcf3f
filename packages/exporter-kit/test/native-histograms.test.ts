import { chosenGeneration, needPeers, type Prometheus, scrapeOf, startPrometheus } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collector,
  counter,
  exporter,
  gauge,
  gaugeHistogram,
  histogram,
  info,
  live,
  type Serving,
  serve,
  stateset,
  summary,
  untyped,
} from '../src/index.ts';

const waive = { syntax: 'a test' };
const shop = live({
  name: 'shop',
  span: false,
  metrics: {
    orders: counter({ name: 'shop_orders_total', help: 'Orders.' }),
    wait: histogram({ name: 'shop_wait_seconds', help: 'Wait.', unit: 'seconds', buckets: [1, 4], labels: ['queue'] }),
    empty: histogram({ name: 'shop_empty', help: 'Nothing.', buckets: [], native: { zeroThreshold: 0 } }),
    classic: histogram({ name: 'shop_classic', help: 'Classic.', buckets: [1], native: false }),
  },
});

/** Scraped by one job alone: after a reset, others would miss what was counted between their own reading and that one's. */
const limited = live({
  name: 'limited',
  metrics: {
    size: histogram({
      name: 'limited_size',
      help: 'Size.',
      buckets: [5],
      native: { maxBuckets: 2, resetAfterMs: 100 },
    }),
  },
});

/** The example of Prometheus's specification. */
const EXAMPLE = new Map([
  [-2, 3],
  [-1, 5],
  [2, 1],
  [4, 3],
  [5, 2],
]);

/** How old messages are: fewer of them in the end. */
let waiting = 6;

const source = collector({
  name: 'source',
  metrics: {
    example: histogram({ name: 'source_example', help: 'From spans.', buckets: [] }),
    depth: gauge({ name: 'source_depth_bytes', help: 'Depth.', unit: 'bytes', labels: ['größe', 'b'], waive }),
    utf8: gauge({ name: 'disk.größe', help: 'UTF-8.', labels: ['disk.name'], waive }),
    size: summary({ name: 'source_size', help: 'Size.', quantiles: [0.5, 1] }),
    build: info({ name: 'source_info', help: 'Facts.', labels: ['version'] }),
    state: stateset({ name: 'source_state', help: 'State.', states: ['up', 'down'] }),
    any: untyped({ name: 'source_any', help: 'Any.' }),
    computed: histogram({ name: 'source_computed', help: 'Fractions.', buckets: [] }),
    age: gaugeHistogram({ name: 'source_age_seconds', help: 'Age.', unit: 'seconds', buckets: [2] }),
    old: gaugeHistogram({ name: 'source_old', help: 'Classic.', buckets: [1] }),
  },
  collect({ example, depth, utf8, size, build, state, any, computed, age, old }) {
    example.set({ sum: 100, native: { schema: 0, zeroCount: 2, positive: EXAMPLE, negative: [[1, 4]] } });
    depth.set({ größe: 'a"\\\n', b: '' }, 0.1);
    utf8.set({ 'disk.name': 'sd a' }, 5);
    size.set({ quantiles: [1.5, 3], sum: 7, count: 3 });
    build.set({ version: '1.0' });
    state.set('down');
    any.set(-1);
    computed.set({
      sum: 9,
      native: {
        schema: 0,
        zeroCount: 0.25,
        positive: [
          [1, 1.5],
          [2, 2.5],
        ],
      },
    });
    age.set({
      counts: [waiting, 1],
      sum: 9.5,
      native: {
        schema: 0,
        positive: [
          [1, waiting],
          [2, 1],
        ],
      },
    });
    old.set({ counts: [waiting, 1], sum: 9.5 });
  },
});

type ApiBucket = readonly [rule: number, left: string, right: string, count: string];
interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly ApiBucket[];
}
interface ApiSeries {
  readonly metric: { readonly [label: string]: string };
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, ApiHistogram];
}

/** What a job has stored: the value of each series without its target's labels; for native histograms, their count. */
const seriesIn = (all: readonly ApiSeries[]): { [series: string]: string } =>
  Object.fromEntries(
    all.map(({ metric, value, histogram }) => {
      const { job: _, instance: __, __name__: name, ...labels } = metric;
      const native = histogram === undefined ? '' : ' native';
      return [`${name} ${JSON.stringify(labels)}${native}`, value?.[1] ?? histogram![1].count];
    }),
  );

const numbers = {
  'shop_orders_total {}': '3',
  'shop_classic_bucket {"le":"1.0"}': '1',
  'shop_classic_bucket {"le":"+Inf"}': '1',
  'shop_classic_sum {}': '0.5',
  'shop_classic_count {}': '1',
  'source_any {}': '-1',
  'source_info {"version":"1.0"}': '1',
  'source_size {"quantile":"0.5"}': '1.5',
  'source_size {"quantile":"1.0"}': '3',
  'source_size_sum {}': '7',
  'source_size_count {}': '3',
  'source_state {"source_state":"up"}': '0',
  'source_state {"source_state":"down"}': '1',
};
const utf8 = {
  'disk.größe {"disk.name":"sd a"}': '5',
  [`source_depth_bytes ${JSON.stringify({ größe: 'a"\\\n' })}`]: '0.1',
};
const escaped = {
  'disk_gr__e {"disk_name":"sd a"}': '5',
  [`source_depth_bytes ${JSON.stringify({ gr__e: 'a"\\\n' })}`]: '0.1',
};
/** Prometheus names what it reads from protobuf as if it were a histogram. */
const old = {
  'source_old_bucket {"le":"1.0"}': '6',
  'source_old_bucket {"le":"+Inf"}': '7',
  'source_old_sum {}': '9.5',
  'source_old_count {}': '7',
};
const age = {
  'source_age_seconds_bucket {"le":"2.0"}': '6',
  'source_age_seconds_bucket {"le":"+Inf"}': '7',
  'source_age_seconds_sum {}': '9.5',
  'source_age_seconds_count {}': '7',
};
const gauges = Object.fromEntries(
  Object.entries({ ...old, ...age }).map(([series, value]) => [series.replace(/_(?=sum|count)/, '_g'), value]),
);
const native = {
  ...old,
  'source_age_seconds {} native': '7',
  'shop_wait_seconds {"queue":"a"} native': '8',
  'shop_empty {} native': '0',
  'source_example {} native': '20',
  'source_computed {} native': '4.25',
};
const emptyOf = (name: string, count: string, sum: string) => ({
  [`${name}_bucket {"le":"+Inf"}`]: count,
  [`${name}_sum {}`]: sum,
  [`${name}_count {}`]: count,
});
const wait = {
  'shop_wait_seconds_bucket {"le":"1.0","queue":"a"}': '5',
  'shop_wait_seconds_bucket {"le":"4.0","queue":"a"}': '7',
  'shop_wait_seconds_bucket {"le":"+Inf","queue":"a"}': '8',
  'shop_wait_seconds_sum {"queue":"a"}': '71.6',
  'shop_wait_seconds_count {"queue":"a"}': '8',
};
const classic = {
  ...{ ...gauges, ...wait },
  ...{ ...emptyOf('shop_empty', '0', '0'), ...emptyOf('source_example', '20', '100') },
  // Text has whole numbers.
  ...emptyOf('source_computed', '4', '9'),
};

/** What each job is to store. Prometheus 3.5 makes no classic series of histograms without finite bounds. */
const jobs: {
  readonly [job: string]: { readonly stored: object; readonly config?: { readonly [key: string]: unknown } };
} = {
  native: { stored: { ...numbers, ...utf8, ...native } },
  both: {
    stored: { ...numbers, ...utf8, ...native, ...wait, ...age },
    config: { always_scrape_classic_histograms: true },
  },
  legacy: {
    stored: { ...numbers, ...escaped, ...native },
    config: { metric_name_validation_scheme: 'legacy', metric_name_escaping_scheme: 'underscores' },
  },
  openmetrics: {
    stored: { ...numbers, ...utf8, ...classic },
    config: { scrape_protocols: ['OpenMetricsText1.0.0'] },
  },
  text: { stored: { ...numbers, ...escaped, ...classic }, config: { scrape_protocols: ['PrometheusText0.0.4'] } },
};

const ok = needPeers('prometheus') && chosenGeneration() === 'today';
describe.skipIf(!ok)('every kind, in a real Prometheus with native histograms', () => {
  let serving: Serving;
  let servingLimited: Serving;
  let prometheus: Prometheus;
  const began = Date.now();

  beforeAll(async () => {
    shop.orders.inc(3, { trace_id: 'a1' });
    for (const value of [0.3, 0.3, 1, 2, 70, 0, -5]) shop.wait.observe({ queue: 'a' }, value);
    shop.wait.observe({ queue: 'a' }, 3, { trace_id: 'b2' });
    shop.classic.observe(0.5, { trace_id: 'c3' });
    serving = await serve(exporter({ name: 'test_exporter', collectors: [shop.collector, source] }));
    for (const value of [1, 1, 1, 2, 2]) limited.size.observe(value);
    servingLimited = await serve(exporter({ name: 'limited_exporter', collectors: [limited.collector] }));
    const features = ['native-histograms', 'exemplar-storage', 'created-timestamp-zero-ingestion'];
    prometheus = await startPrometheus({
      scrapeConfigs: [
        ...Object.entries(jobs).map(([job, { config }]) => scrapeOf(job, `${serving.url}metrics`, config)),
        scrapeOf('limited', `${servingLimited.url}metrics`, { always_scrape_classic_histograms: true }),
      ],
      flags: [`--enable-feature=${features.join(',')}`],
    });
    for (const job of Object.keys(jobs)) await prometheus.waitFor(`source_any{job="${job}"}`);
  });
  afterAll(async () => {
    await prometheus?.stop();
    await serving?.close(0);
    await servingLimited?.close(0);
  });

  const select = (job: string): string => `{job="${job}",__name__=~"(shop|source|disk).*"}`;

  it.each(Object.entries(jobs))('is stored as it was written: %s', async (job, { stored }) => {
    const { result } = await api<{ result: ApiSeries[] }>(prometheus, 'query', { query: select(job) });
    expect(seriesIn(result)).toEqual(stored);
  });

  it.each(['native', 'both', 'legacy'])(
    'has the buckets of native histograms, and what is computed of them: %s',
    async (job) => {
      const positive = (...buckets: [index: number, count: number][]) =>
        buckets.map(([index, count]) => [0, 2 ** ((index - 1) / 8), 2 ** (index / 8), count]);
      const zero = 2 ** -128;
      expectBuckets(await histogramOf(prometheus, `shop_wait_seconds{job="${job}"}`), '71.6', [
        [1, -(2 ** (19 / 8)), -(2 ** (18 / 8)), 1],
        [3, -zero, zero, 1],
        ...positive([-13, 2], [0, 1], [8, 1], [13, 1], [50, 1]),
      ]);
      expectBuckets(await histogramOf(prometheus, `source_example{job="${job}"}`), '100', [
        [1, -2, -1, 4],
        [3, -zero, zero, 2],
        ...[...EXAMPLE].map(([index, count]) => [0, 2 ** (index - 1), 2 ** index, count]),
      ]);
      expect(await histogramOf(prometheus, `source_computed{job="${job}"}`)).toMatchObject({
        count: '4.25',
        buckets: [
          [3, expect.anything(), expect.anything(), '0.25'],
          [0, '1', '2', '1.5'],
          [0, '2', '4', '2.5'],
        ],
      });
      expect(await histogramOf(prometheus, `shop_empty{job="${job}"}`)).toEqual({ count: '0', sum: '0' });
      const resultOf = async (promql: string) => (await prometheus.query(promql))[0]!.value;
      expect(await resultOf(`histogram_count(shop_wait_seconds{job="${job}"})`)).toBe(8);
      expect(await resultOf(`histogram_sum(shop_wait_seconds{job="${job}"})`)).toBeCloseTo(71.6, 9);
      // The eighth of eight is in the last bucket, the second in the zero bucket.
      expect(await resultOf(`histogram_quantile(1, shop_wait_seconds{job="${job}"})`)).toBeCloseTo(2 ** (50 / 8), 6);
      expect(await resultOf(`histogram_quantile(0.25, shop_wait_seconds{job="${job}"})`)).toBeLessThanOrEqual(zero);
      expect(await resultOf(`histogram_fraction(0, 1, source_example{job="${job}"})`)).toBeCloseTo((1 + 3 + 5) / 20, 9);
    },
  );

  it('has exemplars of counters, classic buckets and native histograms', async () => {
    const params = { query: '{job=~".+"}', start: String(began / 1000 - 1), end: String(Date.now() / 1000 + 1) };
    type Stored = {
      readonly seriesLabels: { readonly [label: string]: string };
      readonly exemplars: readonly { readonly labels: object; readonly value: string; readonly timestamp: number }[];
    };
    const found = (await api<Stored[]>(prometheus, 'query_exemplars', params)).map(({ seriesLabels, exemplars }) => {
      const [{ labels, value, timestamp }] = exemplars as [Stored['exemplars'][number]];
      expect(timestamp * 1000).toBeGreaterThanOrEqual(began);
      return [seriesLabels.job, seriesLabels.__name__, seriesLabels.le, labels, value];
    });
    const orders = ['shop_orders_total', undefined, { trace_id: 'a1' }, '3'];
    const plain = ['shop_classic_bucket', '1.0', { trace_id: 'c3' }, '0.5'];
    const inBucket = ['shop_wait_seconds_bucket', '4.0', { trace_id: 'b2' }, '3'];
    const inNative = ['shop_wait_seconds', undefined, { trace_id: 'b2' }, '3'];
    const wanted = {
      native: [orders, plain, inNative],
      both: [orders, plain, inBucket, inNative],
      legacy: [orders, plain, inNative],
      openmetrics: [orders, plain, inBucket],
    };
    const all = Object.entries(wanted).flatMap(([job, list]) => list.map((one) => [job, ...one]));
    const sorted = (list: unknown[][]) => list.map((one) => JSON.stringify(one)).sort();
    expect(sorted(found)).toEqual(sorted(all));
  });

  it('has types, help and units', async () => {
    type Metadata = { readonly metric: string; readonly type: string; readonly help: string; readonly unit: string };
    const metadata = async (job: string) => {
      const list = await api<Metadata[]>(prometheus, 'targets/metadata', { match_target: `{job="${job}"}` });
      const own = list.filter(({ metric }) => /^(shop|source|disk)/.test(metric));
      return Object.fromEntries(own.map(({ metric, type, help, unit }) => [metric, [type, help, unit]]));
    };
    const openMetrics = await metadata('openmetrics');
    expect([openMetrics.source_age_seconds?.[0], openMetrics.source_old?.[0]]).toEqual(Array(2).fill('gaugehistogram'));
    expect(await metadata('native')).toEqual({
      'disk.größe': ['gauge', 'UTF-8.', ''],
      shop_classic: ['histogram', 'Classic.', ''],
      source_computed: ['histogram', 'Fractions.', ''],
      shop_empty: ['histogram', 'Nothing.', ''],
      shop_orders_total: ['counter', 'Orders.', ''],
      shop_wait_seconds: ['histogram', 'Wait.', 'seconds'],
      source_age_seconds: ['gaugehistogram', 'Age.', 'seconds'],
      source_any: ['unknown', 'Any.', ''],
      source_depth_bytes: ['gauge', 'Depth.', 'bytes'],
      source_example: ['histogram', 'From spans.', ''],
      source_info: ['gauge', 'Facts.', ''],
      source_old: ['gaugehistogram', 'Classic.', ''],
      source_size: ['summary', 'Size.', ''],
      source_state: ['gauge', 'State.', ''],
    });
  });

  it('lets no first increment or observation go unseen', async () => {
    shop.wait.observe({ queue: 'new' }, 9);
    // Its first sample is 1; without a start, nothing would tell from what.
    for (const job of ['native', 'both', 'legacy'])
      await prometheus.waitFor(`histogram_count(increase(shop_wait_seconds{job="${job}",queue="new"}[1m])) > 0`);
    for (const job of ['native', 'both', 'legacy'])
      expect(await prometheus.query(`min_over_time(shop_orders_total{job="${job}"}[5m])`)).toMatchObject([
        { value: 0 },
      ]);
    expect(await prometheus.query('{__name__=~".+_created"}')).toEqual([]);
  });

  it('sees a reset where the limit of buckets asks for one, and no increase that never was', async () => {
    await prometheus.waitFor('histogram_count(limited_size) == 5');
    // A third bucket: this value is the first one of a series that begins anew.
    limited.size.observe(9);
    await prometheus.waitFor('histogram_count(limited_size) == 1');
    expectBuckets(await histogramOf(prometheus, 'limited_size'), '9', [[0, 2 ** (25 / 8), 2 ** (26 / 8), 1]]);
    for (const series of ['limited_size_count', 'limited_size_bucket{le="5.0"}'])
      expect(await prometheus.query(`resets(${series}[5m])`)).toMatchObject([{ value: 1 }]);
    // Of native ones, Prometheus 3.5 counts the zeros as well that it has put where a series began.
    expect(await prometheus.query('resets(limited_size[5m]) > 0')).toHaveLength(1);
    for (const increase of ['increase(limited_size_count[5m])', 'histogram_count(increase(limited_size[5m]))']) {
      const { value } = (await prometheus.query(increase))[0]!;
      // Five observations and one. What is added at both ends of the range, by extrapolation, is less than as much again.
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(12);
    }
  });

  it('takes a gauge histogram that goes down for a gauge, and not for a counter that has restarted', async () => {
    waiting = 1;
    for (const job of ['native', 'both', 'legacy']) {
      const selected = (name: string): string => `${name}{job="${job}"}[5m]`;
      await prometheus.waitFor(`histogram_count(delta(${selected('source_age_seconds')})) < 0`);
      expect(await warningsOf(prometheus, `delta(${selected('source_age_seconds')})`)).toEqual([]);
      expect(await warningsOf(prometheus, `delta(${selected('source_example')})`)).toEqual([
        expect.stringMatching(/not a gauge/),
      ]);
      expect(await warningsOf(prometheus, `rate(${selected('source_age_seconds')})`)).toEqual([
        expect.stringMatching(/not a counter/),
      ]);
    }
    expectBuckets(await histogramOf(prometheus, 'source_age_seconds{job="native"}'), '9.5', [
      [0, 1, 2, 1],
      [0, 2, 4, 1],
    ]);
  });

  it('becomes native histograms with custom buckets where the scraper makes them', async () => {
    // With start timestamps as well, Prometheus 3.5 fails the scrape.
    const convert = { convert_classic_histograms_to_nhcb: true };
    const url = `${serving.url}metrics`;
    const converting = await startPrometheus({
      scrapeConfigs: [
        scrapeOf('text', url, { ...convert, scrape_protocols: ['PrometheusText0.0.4'] }),
        scrapeOf('protobuf', url, convert),
      ],
      flags: ['--enable-feature=native-histograms'],
    });
    try {
      for (const job of ['text', 'protobuf']) {
        await converting.waitFor(`histogram_count(shop_classic{job="${job}"}) == 1`);
        expect(await histogramOf(converting, `shop_classic{job="${job}"}`)).toMatchObject({
          buckets: [[expect.anything(), '-Inf', '1', '1']],
        });
      }
      expect((await histogramOf(converting, 'shop_wait_seconds{job="text",queue="a"}'))?.buckets).toHaveLength(3);
      expect((await histogramOf(converting, 'shop_wait_seconds{job="protobuf",queue="a"}'))?.buckets).toHaveLength(7);
    } finally {
      await converting.stop();
    }
  });
});

async function api<T>(prometheus: Prometheus, path: string, params: { readonly [name: string]: string }): Promise<T> {
  const answer = await fetch(`${prometheus.url}/api/v1/${path}?${new URLSearchParams(params)}`);
  return ((await answer.json()) as { readonly data: T }).data;
}

async function warningsOf(prometheus: Prometheus, query: string): Promise<readonly string[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`);
  return ((await answer.json()) as { readonly warnings?: readonly string[] }).warnings ?? [];
}

async function histogramOf(prometheus: Prometheus, query: string): Promise<ApiHistogram | undefined> {
  const { result } = await api<{ result: ApiSeries[] }>(prometheus, 'query', { query });
  return result[0]?.histogram?.[1];
}

/** Bounds of Prometheus's own table differ from powers by a few units in the last place. */
function expectBuckets(found: ApiHistogram | undefined, sum: string, wanted: readonly (readonly number[])[]): void {
  const near = (bound: number) => expect.closeTo(bound, 9);
  expect({ ...found, buckets: found?.buckets?.map((one) => one.map(Number)) }).toEqual({
    count: String(wanted.reduce((total, [, , , count]) => total + count!, 0)),
    sum,
    buckets: wanted.map(([rule, left, right, count]) => [rule, near(left!), near(right!), count]),
  });
}
