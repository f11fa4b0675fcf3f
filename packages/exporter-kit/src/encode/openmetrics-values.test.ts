import { expect, it } from 'vitest';
import { type Collector, collector } from '../collect/collector.ts';
import type { Logger } from '../collect/context.ts';
import { exporter } from '../collect/exporter.ts';
import { gatherer } from '../collect/scrape/gather.ts';
import { writeFamilies } from '../collect/write-families.ts';
import { gauge, histogram, summary } from '../metric/declare.ts';
import { parseText } from '../parse/text.ts';
import { type Encoding, encodeToString, text } from './encode.ts';
import { openMetrics, openMetricsTexts } from './openmetrics.ts';

/** Scrapes an exporter: gives the counts of dropped samples in the response, and the warnings so far. */
function scraped(...collectors: Collector[]) {
  const warnings: unknown[] = [];
  const log: Logger = { debug() {}, info() {}, warn: (...line) => void warnings.push(line), error() {} };
  const live = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors }), collectors, { log });
  return {
    warnings,
    async scrape(...encodings: Encoding[]): Promise<string[]> {
      const { snapshot } = await live.gather({ deadline: Infinity });
      const [body] = encodings.map((encoding) => encodeToString(snapshot, encoding));
      snapshot.release();
      return body!.match(/^x_scrape_collector_dropped_samples_total.*$/gm) ?? [];
    },
  };
}

const odd = collector({
  name: 'odd',
  metrics: {
    h: histogram({ name: 'a_hist', help: 'x', buckets: [1], labels: ['l'] }),
    below: histogram({ name: 'b_hist', help: 'x', buckets: [-1, 1] }),
    s: summary({ name: 'c_summ', help: 'x', quantiles: [0.5], labels: ['l'] }),
  },
  collect({ h, below, s }) {
    h.set({ l: 'fine' }, { counts: [1, 0], sum: 0 });
    h.set({ l: 'negative' }, { counts: [2, 0], sum: -1 });
    h.set({ l: 'NaN' }, { counts: [2, 0], sum: Number.NaN });
    below.set({ counts: [0, 1, 0], sum: 1 });
    s.set({ l: 'fine' }, { quantiles: [Number.NaN], sum: 0, count: 0 });
    s.set({ l: 'negative' }, { quantiles: [-1], sum: -2, count: 2 });
  },
});

it('counts each line that only OpenMetrics lacks, once per snapshot, and logs the first', async () => {
  const { scrape, warnings } = scraped(odd);
  const dropped = (count: number) => [
    `x_scrape_collector_dropped_samples_total{collector="odd",reason="openmetrics"} ${count}`,
  ];
  await scrape(text);
  expect(await scrape(openMetrics, openMetrics, openMetricsTexts.dots, text)).toEqual([]);
  expect(warnings).toEqual([]);
  // Sum and count of three histograms; quantile and sum of a summary.
  expect(await scrape(text)).toEqual(dropped(8));
  expect(await scrape(openMetrics)).toEqual(dropped(8));
  expect(await scrape(text)).toEqual(dropped(16));
  const [[facts, message], ...more] = warnings as [[object, string]];
  expect([facts, message, more]).toEqual([
    { collector: 'odd', reason: 'openmetrics', first: expect.stringMatching(/^a_hist: .*negative or NaN sums/) },
    'samples dropped',
    [],
  ]);
});

it('counts nothing that is kept: of a family that has no type there, all lines are', async () => {
  const reserving = collector({
    name: 'reserving',
    metrics: { h: histogram({ name: 'a', help: 'x', buckets: [1] }) },
    collect: ({ h }) => h.set({ counts: [2, 0], sum: -1 }),
  });
  const reserved = collector({
    name: 'reserved',
    families: 'dynamic',
    collect: ({ family }) => family(gauge({ name: 'a_created', help: 'x', waive: 'a test' })).set(1),
  });
  const { scrape, warnings } = scraped(reserving, reserved);
  await scrape(openMetrics);
  expect(await scrape(text)).toEqual([]);
  expect(warnings).toEqual([
    [
      { collector: 'reserving', first: expect.stringMatching(/^a: another family has a name/) },
      expect.stringContaining('lose their type'),
    ],
  ]);
});

it('logs once which family read as text loses its type, as soon as a response lacks it', async () => {
  const exposition = '# TYPE h histogram\nh_bucket{le="1"} 1\n# TYPE i histogram\ni_bucket{le="1"} 1\n';
  const file = collector({
    name: 'file',
    families: 'dynamic',
    collect: ({ family }) => writeFamilies(family, parseText(exposition, { lenient: true })),
  });
  const { scrape, warnings } = scraped(file);
  await scrape(text);
  await scrape(text);
  expect(warnings).toEqual([]);
  for (let i = 0; i < 3; i++) expect(await scrape(openMetrics)).toEqual([]);
  expect(warnings).toEqual([
    [
      { collector: 'file', first: 'h: its series are not a valid histogram there.' },
      expect.stringContaining('lose their type'),
    ],
  ]);
});
