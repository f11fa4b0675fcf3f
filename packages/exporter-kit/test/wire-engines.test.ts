import {
  chosenGeneration,
  needPeers,
  type Prometheus,
  startPrometheus,
  startVictoriaMetrics,
  type VictoriaMetrics,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { executeJob, job } from '../src/index.ts';
import { otlp } from '../src/push/otlp/otlp.ts';
import { remoteWrite } from '../src/push/remote-write/remote-write.ts';
import { type Engine, startEngine } from './engine.ts';
import { api, type Contents, delivered, everyKind, expectSame, key, valuesIn } from './every-kind.ts';

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

it.skipIf(!needPeers('prometheus') || !today)('a Prometheus has types, units and help by 2.0', async () => {
  // Its own API tells of scraped targets only; it hands on what it has.
  const [direct, behind] = await Promise.all([startEngine(), startEngine()]);
  const target = { url: behind.url, protobuf_message: 'io.prometheus.write.v2.Request', send_native_histograms: true };
  const engine = await startPrometheus({
    scrapeConfigs: [],
    flags: ['--web.enable-remote-write-receiver', '--enable-feature=native-histograms,metadata-wal-records'],
    sections: { remote_write: [target] },
  });
  try {
    const to = [remoteWrite(`${engine.url}/api/v1/write`, { version: '2.0' }), remoteWrite(direct.url)];
    await executeJob(job({ name: 'kinds', metrics: {}, collectors: everyKind(), run() {} }), { to });
    const described = ({ written }: Engine) =>
      Object.fromEntries(
        written.flatMap(({ series }) => series.map(({ labels, metadata }) => [JSON.stringify(labels), metadata])),
      );
    const sent = described(direct);
    expect(new Set(Object.values(sent).map((one) => one!.type)).size).toBe(8);
    await expect.poll(() => Object.keys(described(behind)).length, { timeout: 60_000 }).toBe(Object.keys(sent).length);
    expect(described(behind)).toEqual(sent);
    expect(await api(engine.url, 'metadata', {})).toEqual({});
  } finally {
    await engine.stop();
    direct.close();
    behind.close();
  }
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

it.skipIf(!needPeers('prometheus') || !today)('a Prometheus has numbers by OTLP, if it has a receiver', async () => {
  const flags = ['--web.enable-otlp-receiver'];
  const started = await startPrometheus({ scrapeConfigs: [], flags }).catch((error: Error) => error);
  const lacks = started instanceof Error;
  // Debian builds it without.
  if (lacks) expect(started.message).toContain("unknown long flag '--web.enable-otlp-receiver'");
  const engine = lacks ? await startPrometheus({ scrapeConfigs: [] }) : started;
  try {
    const to = [otlp(`${engine.url}/api/v1/otlp/v1/metrics`)];
    const kinds = job({ name: 'kinds', metrics: {}, collectors: everyKind(), run() {} });
    const { delivered } = await executeJob(kinds, { to });
    if (lacks) {
      console.warn('SKIPPED: needs a Prometheus that was built with its OTLP receiver');
      expect(String(delivered[0]!.error)).toMatch(/: answered 404: .*\(check the path in the URL\)$/);
      return;
    }
    expect(delivered).toEqual([{ sink: to[0]!.name }]);
    const counted = [1, 2].map(
      (count, i) => [key({ __name__: 'orders_total', country: ['fr', 'pt'][i] }), count] as const,
    );
    expectSame(await valuesIn(engine.url, 'orders_total{job="kinds"}'), new Map(counted));
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

  type Native = { readonly buckets: readonly number[][] };
  /** Native buckets as VictoriaMetrics has them. */
  const rangesOf = (name: string, buckets: Native['buckets']): Contents['values'] =>
    new Map(
      buckets.map(([left, right, count]) => {
        const vmrange = [left!, right!]
          .map((bound) => bound.toExponential(3).replace(/e([+-])(\d)$/, 'e$10$2'))
          .join('...');
        return [key({ __name__: `${name}_bucket`, vmrange }), count!];
      }),
    );

  it('answers 2.0 as if it had written it, and has everything by 1.0', async () => {
    const sent = await delivered('kinds', remoteWrite(`${engine.url}/api/v1/write`), 'underscores');
    const natives = ['fine_seconds', 'wide_seconds'].flatMap((name) => {
      const { buckets } = sent.values.get(key({ __name__: name })) as Native;
      return [...rangesOf(name, buckets)];
    });
    for (const [series, value] of sent.values) if (typeof value === 'object') sent.values.delete(series);
    expectSame(await values('{job="kinds",vmrange=""}'), sent.values);
    // Native histograms without classic buckets are not lost.
    expectSame(await values('{job="kinds",vmrange!=""}'), new Map(natives));
  });

  it('has every kind by OTLP, and exponential buckets as its own', async () => {
    const url = `${engine.url}/opentelemetry/v1/metrics`;
    const sent = await delivered('otlp', otlp(url), 'allow-utf-8');
    const there = await values('{"service.name"="otlp"}', /^(service|scope)\./);
    const natives = ['both_seconds', 'fine_seconds', 'wide_seconds'].map((name) => {
      const { buckets } = sent.values.get(key({ __name__: name })) as Native;
      return rangesOf(name, buckets);
    });
    // Its buckets are not sent twice.
    for (const series of sent.values.keys()) {
      if (/"(both|fine|wide)_seconds(_bucket)?"|"age_seconds"/.test(series)) sent.values.delete(series);
    }
    const ranges = new Map([...there].filter(([series]) => series.includes('vmrange')));
    for (const series of ranges.keys()) there.delete(series);
    expectSame(there, sent.values);
    expectSame(ranges, new Map(natives.flatMap((own) => [...own])));
  });

  it('has the classic buckets by OTLP where these are wanted', async () => {
    const url = `${engine.url}/opentelemetry/v1/metrics`;
    const sent = await delivered('classic', otlp(url, { nativeHistograms: false }), 'allow-utf-8');
    for (const [series, value] of sent.values) if (typeof value === 'object') sent.values.delete(series);
    const there = await values('{"service.name"="classic"}', /^(service|scope)\./);
    expectSame(there, sent.values);
  });
});
