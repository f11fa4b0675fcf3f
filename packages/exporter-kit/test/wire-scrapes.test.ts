import {
  chosenGeneration,
  needPeers,
  type Prometheus,
  scrapeOf,
  startPrometheus,
  startVictoriaMetrics,
  startVmagent,
  until,
  type VictoriaMetrics,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherer } from '../src/collect/scrape/gather.ts';
import type { ReadOptions } from '../src/encode/samples.ts';
import { exporter, type Serving, serve } from '../src/index.ts';
import { api, type Contents, contentsOf, everyKind, expectSame, key, laterThan, valuesIn } from './every-kind.ts';

const collectors = everyKind();
const kinds = exporter({ name: 'kinds_exporter', collectors });
const begun = Date.now();

/** What a scrape of every kind has in a format, without what the exporter tells of itself. */
async function scraped(options: ReadOptions): Promise<Contents> {
  const { snapshot } = await gatherer(kinds, collectors).gather({ deadline: Infinity, natives: true });
  const contents = contentsOf(snapshot, options);
  for (const map of Object.values(contents)) {
    for (const series of map.keys()) if (/"__name__","(kinds_|promhttp_)/.test(series)) map.delete(series);
  }
  return contents;
}

const own = (job: string): string => `{job="${job}",__name__!~"(up|scrape_.*|kinds_.*|promhttp_.*)"}`;

/** The series of a gauge histogram, which Prometheus names as if it were none when it reads protobuf. */
const asHistogram = (contents: Contents['values']): Contents['values'] =>
  new Map([...contents].map(([series, value]) => [series.replace(/_g(?=(sum|count)")/, '_'), value]));

const everywhere = {
  ...{ anything: 'unknown', stock_bytes: 'gauge', size_bytes: 'summary' },
  ...{ both_seconds: 'histogram', classic_seconds: 'histogram', fine_seconds: 'histogram' },
  wide_seconds: 'histogram',
};

/** Those that differ. */
const types: { readonly [job: string]: { readonly [metric: string]: string } } = {
  text: {
    ...{ orders_total: 'counter', build_info: 'gauge', sync_state: 'gauge', disk_gr__e: 'gauge' },
    ...{ age_seconds_bucket: 'unknown', age_seconds_gsum: 'unknown', age_seconds_gcount: 'unknown' },
  },
  openmetrics: {
    ...{ orders: 'counter', build: 'info', sync_state: 'stateset', 'disk.größe': 'gauge' },
    age_seconds: 'gaugehistogram',
  },
  protobuf: {
    ...{ orders_total: 'counter', build_info: 'gauge', sync_state: 'gauge', 'disk.größe': 'gauge' },
    age_seconds: 'gaugehistogram',
  },
};

const ok = needPeers('prometheus') && chosenGeneration() === 'today';
describe.skipIf(!ok)('a real Prometheus that scrapes every kind', () => {
  const ways: { readonly [job: string]: ReadOptions & { readonly protocols?: readonly string[] } } = {
    text: { protocols: ['PrometheusText0.0.4'], escaping: 'underscores' },
    openmetrics: { protocols: ['OpenMetricsText1.0.0'], escaping: 'allow-utf-8' },
    // Which it asks for by itself.
    protobuf: { escaping: 'allow-utf-8', natives: 'instead' },
  };
  let serving: Serving;
  let engine: Prometheus;
  beforeAll(async () => {
    await laterThan(begun);
    serving = await serve(kinds, { openMetricsCreated: true });
    const features = 'native-histograms,exemplar-storage,created-timestamp-zero-ingestion';
    engine = await startPrometheus({
      scrapeConfigs: Object.entries(ways).map(([job, { protocols }]) =>
        scrapeOf(job, `${serving.url}metrics`, protocols && { scrape_protocols: protocols }),
      ),
      flags: [`--enable-feature=${features}`],
    });
    for (const job of Object.keys(ways)) await engine.waitFor(`up{job="${job}"} == 1`);
  });
  afterAll(async () => {
    await engine?.stop();
    await serving?.close(0);
  });

  it.each(Object.entries(ways))('has every value by %s', async (job, options) => {
    const { values } = await scraped(options);
    expect(values.size).toBeGreaterThan(20);
    expectSame(await valuesIn(engine.url, own(job)), job === 'protobuf' ? asHistogram(values) : values);
  });

  it.each(Object.entries(ways))('has the exemplars that are in %s', async (job, options) => {
    const { exemplars } = await scraped(options);
    const found = await api<{ seriesLabels: object; exemplars: { labels: object; value: string }[] }[]>(
      engine.url,
      'query_exemplars',
      { query: `{job="${job}"}`, start: String(begun / 1000 - 1), end: String(Date.now() / 1000 + 1) },
    );
    const sorted = (all: object[]) => all.map((one) => JSON.stringify(one)).sort();
    const there = found.map(({ seriesLabels, exemplars }) => [
      key(seriesLabels),
      sorted(exemplars.map(({ labels, value }) => ({ labels, value: Number(value) }))),
    ]);
    const wanted = [...exemplars].map(([series, all]) => [series, sorted(all)]);
    // Text has none.
    expect(there.sort()).toEqual(job === 'text' ? [] : wanted.sort());
  });

  it.each(Object.entries(ways))('has a zero where each counter began, if %s says so', async (job, options) => {
    const { starts } = await scraped(options);
    const { result } = await api<{ result: { metric: object; values: [number, string][] }[] }>(engine.url, 'query', {
      query: `orders_total{job="${job}"}[1h]`,
    });
    expect(result.length).toBe(2);
    for (const { metric, values } of result) {
      const [began, first] = values[0]!;
      if (job === 'text') expect(first).not.toBe('0');
      else expect([Math.round(began * 1000), first]).toEqual([starts.get(key(metric)), '0']);
    }
  });

  it.each(Object.entries(types))('has the types and units that are in %s', async (job, own) => {
    const all = await api<{ metric: string; type: string; unit: string }[]>(engine.url, 'targets/metadata', {
      match_target: `{job="${job}"}`,
    });
    const there = all.filter(({ metric }) => !/^(kinds|promhttp)_/.test(metric));
    const unit = (name: string): string => (job === 'text' ? '' : (/_(seconds|bytes)$/.exec(name)?.[1] ?? ''));
    const wanted = Object.entries({ ...everywhere, ...own });
    expect(Object.fromEntries(there.map(({ metric, type, unit }) => [metric, [type, unit]]))).toEqual(
      Object.fromEntries(wanted.map(([name, type]) => [name, [type, unit(name)]])),
    );
  });
});

const both = needPeers('victoria-metrics', 'vmagent') && chosenGeneration() === 'today';
describe.skipIf(!both)('a real VictoriaMetrics that scrapes every kind', () => {
  let engine: VictoriaMetrics;
  let serving: Serving;
  let agent: Awaited<ReturnType<typeof startVmagent>>;
  beforeAll(async () => {
    engine = await startVictoriaMetrics();
    serving = await serve(kinds);
    const url = `${serving.url}metrics`;
    agent = await startVmagent(
      [
        scrapeOf('text', url),
        scrapeOf('openmetrics', url, { headers: ['Accept: application/openmetrics-text;version=1.0.0'] }),
      ],
      `${engine.url}/api/v1/write`,
    );
    for (const job of ['text', 'openmetrics'])
      await until(`VictoriaMetrics has ${job}`, async () => (await engine.query(`up{job="${job}"} == 1`))[0], 60_000);
  });
  afterAll(async () => {
    await agent?.stop();
    await serving?.close(0);
    await engine?.stop();
  });

  it.each(['text', 'openmetrics'])('has every value by %s', async (job) => {
    const { values } = await scraped({ escaping: 'underscores' });
    const there = new Map((await engine.query(own(job))).map(({ metric, value }) => [key(metric), value]));
    expectSame(there, values);
  });

  it('has types and help, and no units', async () => {
    const found = await api<{ [metric: string]: { type: string; help: string; unit?: string }[] }>(
      engine.url,
      'metadata',
      {},
    );
    const { both_seconds, classic_seconds, orders_total, size_bytes, stock_bytes } = found;
    expect({ both_seconds, classic_seconds, orders_total, size_bytes, stock_bytes }).toEqual({
      both_seconds: [{ type: 'histogram', help: 'x' }],
      classic_seconds: [{ type: 'histogram', help: 'x' }],
      orders_total: [{ type: 'counter', help: 'Orders.' }],
      size_bytes: [{ type: 'summary', help: 'x' }],
      stock_bytes: [{ type: 'gauge', help: 'Stock.' }],
    });
  });

  it.each(['text', 'openmetrics'])('has no exemplars and no zero where a counter began, by %s', async (job) => {
    const { exemplars } = await scraped({});
    expect(exemplars.size).toBeGreaterThan(5);
    const range = { start: String(begun / 1000 - 60), end: String(Date.now() / 1000 + 60) };
    expect(await api(engine.url, 'query_exemplars', { query: `{job="${job}"}`, ...range })).toEqual([]);
    const least = await engine.query(`min_over_time(orders_total{job="${job}"}[1h])`);
    expect(least.map(({ value }) => value).sort()).toEqual([1, 2]);
    expect(await engine.query(`{job="${job}",__name__=~".+_created"}`)).toEqual([]);
  });
});
