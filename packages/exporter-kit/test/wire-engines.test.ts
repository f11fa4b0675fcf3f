import {
  chosenGeneration,
  needPeers,
  type Prometheus,
  startPrometheus,
  startVictoriaMetrics,
  type VictoriaMetrics,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NativeHistogram } from '../src/collect/native-histogram.ts';
import { samplesOf } from '../src/encode/samples.ts';
import {
  counter,
  executeJob,
  gauge,
  gaugeHistogram,
  histogram,
  info,
  job,
  live,
  type Sink,
  stateset,
  summary,
  untyped,
} from '../src/index.ts';
import { otlp } from '../src/push/otlp/otlp.ts';
import { remoteWrite } from '../src/push/remote-write/remote-write.ts';

/** One of each kind, counted with exemplars. */
function everyKind(name: string) {
  const counted = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['country'] }),
      stock: gauge({ name: 'stock_bytes', help: 'Stock.', unit: 'bytes' }),
      classic: histogram({ name: 'classic_seconds', help: 'x', unit: 'seconds', buckets: [0.1, 2.5], native: false }),
      both: histogram({ name: 'both_seconds', help: 'x', unit: 'seconds', buckets: [0.1, 2.5] }),
      utf8: gauge({ name: 'disk.größe', help: 'x', labels: ['disk.name'], waive: { syntax: 'to be kept' } }),
    },
  });
  counted.orders.inc({ country: 'pt' }, 2, { trace_id: 'a' });
  counted.orders.inc({ country: 'fr' });
  counted.stock.set(1.5);
  for (const [i, value] of [0, 0.05, 0.3, 0.31, 7, 1e9, -4].entries()) {
    if (value >= 0) counted.classic.observe(value, { trace_id: `classic ${i}` });
    counted.both.observe(value, { trace_id: `both ${i}` });
  }
  counted.utf8.set({ 'disk.name': 'sd "a"' }, 4);
  return job({
    name,
    metrics: {
      build: info({ name: 'build_info', help: 'x', labels: ['version'] }),
      state: stateset({ name: 'sync_state', help: 'x', states: ['idle', 'busy'] }),
      size: summary({ name: 'size_bytes', help: 'x', unit: 'bytes', quantiles: [0.5, 0.99] }),
      any: untyped({ name: 'anything', help: 'x' }),
      ages: gaugeHistogram({ name: 'age_seconds', help: 'x', unit: 'seconds', buckets: [-1, 60], labels: ['queue'] }),
    },
    collectors: [counted.collector],
    run({ build, state, size, any, ages }) {
      build.set({ version: '1.0' });
      state.set('busy');
      size.set({ quantiles: [1.5, 2], sum: 30, count: 20 });
      any.set(-3);
      ages.set(
        { queue: 'a' },
        { counts: [1, 2, 0], sum: -6.5, native: { schema: 0, positive: [[3, 2]], negative: [[4, 1]] } },
      );
      ages.set({ queue: 'b' }, { counts: [0, 2, 7], sum: 900 });
    },
  });
}

/** Everything that was written, by its series; of a native histogram, what an engine says of it. */
interface Contents {
  readonly values: Map<string, number | object>;
  readonly exemplars: Map<string, object[]>;
  readonly starts: Map<string, number>;
}

const key = (labels: object): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'job')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Runs the job, with a sink that notes what the other one gets. */
async function delivered(name: string, sink: Sink, escaping: 'underscores' | 'allow-utf-8'): Promise<Contents> {
  const contents: Contents = { values: new Map(), exemplars: new Map(), starts: new Map() };
  const noting: Sink = {
    name: 'noting',
    async deliver({ snapshot }) {
      for (const { samples } of samplesOf(snapshot, { escaping, natives: 'beside' })) {
        for (const { name, labels, value, native, exemplar, startMs } of samples) {
          const series = key({ ...labels, __name__: name });
          contents.values.set(series, native === undefined ? value : histogramOf(native));
          const own = native?.exemplars ?? (exemplar === undefined ? [] : [exemplar]);
          if (own.length > 0) {
            const noted = own.map(({ labels, value }) => ({ labels: { ...labels }, value }));
            contents.exemplars.set(series, noted);
          }
          if (startMs !== undefined) contents.starts.set(series, Math.trunc(startMs));
        }
      }
    },
  };
  const kinds = everyKind(name);
  // A sample of the millisecond in which its series began leaves no room for the zero before it.
  const begun = Date.now();
  await expect.poll(() => Date.now(), { interval: 2 }).toBeGreaterThan(begun);
  const result = await executeJob(kinds, { to: [sink, noting] });
  expect(result.delivered).toEqual([{ sink: sink.name }, { sink: 'noting' }]);
  return contents;
}

/** As the query API has it: borders of the buckets, and their counts. */
function histogramOf({ count, sum, schema, zeroCount, zeroThreshold, positive, negative }: NativeHistogram): object {
  const bound = (index: number): number => 2 ** (index / 2 ** schema);
  return {
    ...{ count, sum },
    buckets: [
      ...negative.toReversed().map(([index, own]) => [-bound(index), -bound(index - 1), own]),
      ...(zeroCount === 0 ? [] : [[-zeroThreshold, zeroThreshold, zeroCount]]),
      ...positive.map(([index, own]) => [bound(index - 1), bound(index), own]),
    ],
  };
}

interface ApiHistogram {
  readonly count: string;
  readonly sum: string;
  readonly buckets: readonly (readonly [rule: number, left: string, right: string, count: string])[];
}

async function api<T>(url: string, path: string, parameters: object): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams({ ...parameters })}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`${path}: ${error}`);
  return data;
}

async function valuesIn(url: string, query: string): Promise<Contents['values']> {
  const { result } = await api<{
    result: { metric: object; value?: [number, string]; histogram?: [number, ApiHistogram] }[];
  }>(url, 'query', { query });
  return new Map(
    result.map(({ metric, value, histogram }): [string, number | object] => {
      if (histogram === undefined) return [key(metric), Number(value![1])];
      const [, { count, sum, buckets }] = histogram;
      const own = buckets.map(([, left, right, count]) => [left, right, count].map(Number));
      return [key(metric), { count: Number(count), sum: Number(sum), buckets: own }];
    }),
  );
}

/** The same series, whose numbers differ in their last digits at most: VictoriaMetrics keeps twelve. */
function expectSame(there: Contents['values'], sent: Contents['values']): void {
  expect([...there.keys()].sort()).toEqual([...sent.keys()].sort());
  const different = [...sent].filter(([series, value]) => !isNear(there.get(series), value));
  expect(different.map(([series, value]) => [series, value, there.get(series)])).toEqual([]);
}

function isNear(found: unknown, wanted: unknown): boolean {
  if (typeof wanted === 'number') return Math.abs((found as number) - wanted) <= Math.abs(wanted) * 1e-10;
  const [own, other] = [found, wanted].map((value) => Object.entries(value as object));
  return (
    own!.length === other!.length &&
    other!.every(([name, value], i) => own![i]![0] === name && isNear(own![i]![1], value))
  );
}

const today = chosenGeneration() === 'today';

describe.skipIf(!needPeers('prometheus') || !today)('a real Prometheus with all its features', () => {
  let engine: Prometheus;
  beforeAll(async () => {
    const features = 'native-histograms,exemplar-storage,created-timestamp-zero-ingestion';
    const flags = ['--web.enable-remote-write-receiver', `--enable-feature=${features}`];
    engine = await startPrometheus({ scrapeConfigs: [], flags });
  });
  afterAll(() => engine?.stop());

  it.each(['1.0', '2.0'] as const)('has every kind that is written by remote write %s', async (version) => {
    const name = `kinds ${version}`;
    const sink = remoteWrite(`${engine.url}/api/v1/write`, { version, nativeHistograms: true });
    const from = Date.now();
    const sent = await delivered(name, sink, version === '1.0' ? 'underscores' : 'allow-utf-8');
    expect(sent.values.size).toBeGreaterThan(25);
    expectSame(await valuesIn(engine.url, `{job="${name}"}`), sent.values);

    const times = { start: String(from / 1000 - 60), end: String(Date.now() / 1000 + 60) };
    const found = await api<{ seriesLabels: object; exemplars: { labels: object; value: string }[] }[]>(
      engine.url,
      'query_exemplars',
      { query: `{job="${name}"}`, ...times },
    );
    const byValue = (one: object[]) => one.map((exemplar) => JSON.stringify(exemplar)).sort();
    const exemplars = new Map(
      found.map(({ seriesLabels, exemplars }) => [
        key(seriesLabels),
        byValue(exemplars.map(({ labels, value }) => ({ labels, value: Number(value) }))),
      ]),
    );
    for (const [series, own] of sent.exemplars) {
      // By 1.0, Prometheus 3.5 stores those of a native histogram only once it has its series.
      if (version === '1.0' && typeof sent.values.get(series) === 'object') continue;
      // Exemplars of one series must not go back in time.
      for (const one of exemplars.get(series) ?? []) expect(byValue(own)).toContain(one);
      expect(exemplars.get(series)?.length).toBeGreaterThan(0);
    }
  });

  it('has a zero where a counter began, by 2.0', async () => {
    const name = 'starts';
    const sent = await delivered(name, remoteWrite(`${engine.url}/api/v1/write`), 'allow-utf-8');
    const { result } = await api<{ result: { metric: object; values: [number, string][] }[] }>(engine.url, 'query', {
      query: `orders_total{job="${name}"}[1h]`,
    });
    expect(result.length).toBe(2);
    for (const { metric, values } of result) {
      const [[began, zero]] = values as [[number, string], [number, string]];
      expect([Math.round(began * 1000), zero]).toEqual([sent.starts.get(key(metric)), '0']);
      expect(Number(values[1]![1])).toBe(sent.values.get(key(metric)));
    }
  });
});

it.skipIf(!needPeers('prometheus') || !today)('a Prometheus with native histograms disabled has the rest', async () => {
  const engine = await startPrometheus({ scrapeConfigs: [], flags: ['--web.enable-remote-write-receiver'] });
  try {
    const sent = await delivered('kinds', remoteWrite(`${engine.url}/api/v1/write`), 'allow-utf-8');
    for (const [series, value] of sent.values) if (typeof value === 'object') sent.values.delete(series);
    expectSame(await valuesIn(engine.url, '{job="kinds"}'), sent.values);
  } finally {
    await engine.stop();
  }
});

describe.skipIf(!needPeers('victoria-metrics') || !today)('a real VictoriaMetrics', () => {
  let engine: VictoriaMetrics;
  beforeAll(async () => {
    engine = await startVictoriaMetrics();
  });
  afterAll(() => engine?.stop());

  const values = async (query: string, drop: RegExp = /^$/): Promise<Contents['values']> =>
    new Map(
      (await engine.query(query)).map(({ metric, value }) => {
        const labels = Object.entries(metric).filter(([name]) => !drop.test(name));
        return [key(Object.fromEntries(labels)), value];
      }),
    );

  it('answers 2.0 as if it had written it, and has everything by 1.0', async () => {
    const sent = await delivered('kinds', remoteWrite(`${engine.url}/api/v1/write`), 'underscores');
    for (const [series, value] of sent.values) if (typeof value === 'object') sent.values.delete(series);
    expectSame(await values('{job="kinds"}'), sent.values);
  });

  it('has every kind by OTLP, and exponential buckets as its own', async () => {
    const url = `${engine.url}/opentelemetry/v1/metrics`;
    const sent = await delivered('otlp', otlp(url), 'allow-utf-8');
    const there = await values('{"service.name"="otlp"}', /^(service|scope)\./);
    const native = sent.values.get(key({ __name__: 'both_seconds' })) as { readonly buckets: readonly number[][] };
    // Its buckets are not sent twice.
    for (const series of sent.values.keys()) {
      if (/"both_seconds(_bucket)?"|"age_seconds"/.test(series)) sent.values.delete(series);
    }
    const ranges = new Map([...there].filter(([series]) => series.includes('vmrange')));
    for (const series of ranges.keys()) there.delete(series);
    expectSame(there, sent.values);
    const wanted = native.buckets.map(([left, right, count]): [string, number] => {
      const vmrange = [left!, right!]
        .map((bound) => bound.toExponential(3).replace(/e([+-])(\d)$/, 'e$10$2'))
        .join('...');
      return [key({ __name__: 'both_seconds_bucket', vmrange }), count!];
    });
    expectSame(ranges, new Map(wanted));
  });

  it('has the classic buckets by OTLP where these are wanted', async () => {
    const url = `${engine.url}/opentelemetry/v1/metrics`;
    const sent = await delivered('classic', otlp(url, { nativeHistograms: false }), 'allow-utf-8');
    for (const [series, value] of sent.values) if (typeof value === 'object') sent.values.delete(series);
    const there = await values('{"service.name"="classic"}', /^(service|scope)\./);
    expectSame(there, sent.values);
  });
});
