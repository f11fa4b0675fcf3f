import { fileURLToPath } from 'node:url';
import { chosenGeneration, needPeers, type Prometheus, scrapeOf, startProgram, startPrometheus } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Collector,
  collector,
  counter,
  exporter,
  gauge,
  histogram,
  info,
  serve,
  stateset,
  summary,
} from '../src/index.ts';
import { parseText, writeFamilies } from '../src/parse/index.ts';
import { get } from './get.ts';
import { plainSamples, plainText } from './plain-text.ts';

const big = fileURLToPath(new URL('./programs/big.mjs', import.meta.url));

const protocols: readonly (readonly [job: string, how: string, config: { readonly [key: string]: unknown }])[] = [
  ['kinds-default', 'by default', {}],
  ['kinds-text', 'by the text format alone', { scrape_protocols: ['PrometheusText0.0.4'] }],
  ['kinds-openmetrics', 'by OpenMetrics alone', { scrape_protocols: ['OpenMetricsText1.0.0'] }],
  [
    'kinds-legacy',
    'as of Prometheus 2',
    {
      scrape_protocols: ['PrometheusText0.0.4'],
      metric_name_validation_scheme: 'legacy',
      metric_name_escaping_scheme: 'underscores',
    },
  ],
];
const plainProtocols = ['PrometheusText0.0.4', 'OpenMetricsText1.0.0'];

/** A selector of one job's series. */
const of = (job: string, series: string): string =>
  series.includes('{') ? series.replace('{', `{job="${job}",`) : `${series}{job="${job}"}`;

const ok = needPeers('prometheus');
describe.skipIf(!ok)('a real Prometheus', () => {
  // One for all tests: after its start, five seconds pass before the first scrape.
  let prometheus: Prometheus;
  let bigUrl: string;
  const stops: (() => Promise<unknown>)[] = [];
  const served = async (made: Collector): Promise<string> => {
    const server = await serve(exporter({ name: 'test_exporter', version: '1.2.3', collectors: [made] }));
    stops.push(() => server.close(0));
    return `${server.url}metrics`;
  };

  beforeAll(async () => {
    const program = await startProgram([big], { until: /address=(\S+)/ });
    stops.push(() => program.stop('SIGKILL'));
    bigUrl = `${program.match[1]}metrics`;
    const [kinds, others, labels] = [await served(everyKind), await served(plain), await served(labelled)];
    const today = chosenGeneration() === 'today';
    prometheus = await startPrometheus({
      scrapeConfigs: [
        ...protocols.map(([job, , config]) => scrapeOf(job, kinds, today ? config : {})),
        ...plainProtocols.map((one) => scrapeOf(one, others, today ? { scrape_protocols: [one] } : {})),
        scrapeOf('honored', labels, { honor_labels: true }),
        scrapeOf('plain', labels),
        { ...scrapeOf('big', bigUrl), scrape_interval: '5s', scrape_timeout: '5s' },
      ],
    });
    stops.push(() => prometheus.stop());
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  it.each(protocols)('gives every value back as it was: %s, %s', async (job) => {
    await prometheus.waitFor(`up{job="${job}"} == 1`);
    for (const [series, value] of Object.entries(everyValue)) {
      const found = await prometheus.query(of(job, series));
      expect(
        found.map((one) => one.value),
        series,
      ).toEqual([value]);
    }
  });

  it.each(plainProtocols)('has all of plain text that others wrote, by %s', async (job) => {
    await prometheus.waitFor(`up{job="${job}"} == 1`);
    const found = await prometheus.query(of(job, '{__name__=~"(rows|step|wait|files|state)_?.*"}'));
    expect(found).toHaveLength(Object.keys(plainSamples).length);
    for (const [series, value] of Object.entries(plainSamples)) {
      expect([series, (await prometheus.query(of(job, series))).map((one) => one.value)]).toEqual([series, [value]]);
    }
  });

  it('keeps our labels job and instance with honor_labels, and as exported_* without', async () => {
    const [honored] = await prometheus.waitFor('labelled{job="ours",instance="here"}');
    expect(honored.value).toBe(1);
    const [exported] = await prometheus.waitFor('labelled{job="plain"}');
    expect(exported.metric).toMatchObject({ exported_job: 'ours', exported_instance: 'here' });
  });

  it('takes every one of 150,000 series', async () => {
    await prometheus.waitFor('up{job="big"} == 1', undefined, 60_000);
    const whole = await get(bigUrl);
    const samples = parseText(whole.body.toString()).reduce((sum, family) => sum + family.samples.length, 0);
    const [scraped] = await prometheus.query('scrape_samples_scraped{job="big"}');
    const [kept] = await prometheus.query('count(size_bytes)');
    expect(samples).toBeGreaterThan(150_000);
    expect(scraped?.value).toBe(samples);
    expect(kept?.value).toBe(150_000);
  });
});

const labelled = collector({
  name: 'labelled',
  metrics: { one: gauge({ name: 'labelled', help: 'One.', labels: ['job', 'instance'] }) },
  collect: ({ one }) => one.set({ job: 'ours', instance: 'here' }, 1),
});

const plain = collector({
  name: 'others',
  families: 'dynamic',
  collect: ({ family }) => writeFamilies(family, parseText(plainText, { lenient: true })),
});

const help = 'One of each kind.';
const numbers = [0, -0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, Infinity, -Infinity, NaN];

const everyKind = collector({
  name: 'kinds',
  metrics: {
    gauge: gauge({ name: 'kinds_gauge', help, labels: ['i'], waive: { type: 'it is one' } }),
    counter: counter({ name: 'kinds_seen_total', help }),
    histogram: histogram({ name: 'kinds_wait_seconds', help, unit: 'seconds', buckets: [1e-9, 0.25, 1, 1e6] }),
    summary: summary({ name: 'kinds_size_bytes', help, unit: 'bytes', quantiles: [0.5, 0.99] }),
    info: info({ name: 'kinds_info', help, labels: ['version'] }),
    stateset: stateset({ name: 'kinds_state', help, states: ['on', 'off'] }),
  },
  collect(write) {
    for (const [i, value] of numbers.entries()) write.gauge.set({ i }, value);
    write.counter.set(2 ** 53 - 1);
    write.histogram.set({ counts: [1, 2, 3, 4, 5], sum: 1 / 7 });
    write.summary.set({ quantiles: [1e-7, 3], sum: 1e21, count: 12 });
    write.info.set({ version: 'ä"\\\n' });
    write.stateset.set('off');
  },
});

const everyValue: { readonly [series: string]: number } = {
  ...Object.fromEntries(numbers.map((value, i) => [`kinds_gauge{i="${i}"}`, value])),
  kinds_seen_total: 2 ** 53 - 1,
  'kinds_wait_seconds_bucket{le="1e-09"}': 1,
  'kinds_wait_seconds_bucket{le="0.25"}': 3,
  'kinds_wait_seconds_bucket{le="1.0"}': 6,
  'kinds_wait_seconds_bucket{le="1e+06"}': 10,
  'kinds_wait_seconds_bucket{le="+Inf"}': 15,
  kinds_wait_seconds_sum: 1 / 7,
  kinds_wait_seconds_count: 15,
  'kinds_size_bytes{quantile="0.5"}': 1e-7,
  'kinds_size_bytes{quantile="0.99"}': 3,
  kinds_size_bytes_sum: 1e21,
  kinds_size_bytes_count: 12,
  'kinds_info{version="ä\\"\\\\\\n"}': 1,
  'kinds_state{kinds_state="on"}': 0,
  'kinds_state{kinds_state="off"}': 1,
};
