import { expect, it } from 'vitest';
import { kinds } from '../src/data/source.ts';
import { check, checkLines } from '../src/measure/check.ts';
import { entrantsOf } from '../src/measure/entrants.ts';
import type { Served } from '../src/measure/expected.ts';
import { expectedOfCalls } from '../src/measure/expected-calls.ts';
import { scraper } from '../src/measure/http.ts';
import { withContenders } from '../src/measure/rounds.ts';

const COUNT = 260;
const gauges = ['kit', 'prom-client'];

// Missing contenders (Debian packages) are skipped, as in the bench itself.
it.each<[Served, readonly string[]]>([
  ['mixed', [...gauges, 'kit-registry', 'prom-client-registry', 'opentelemetry', 'client_python', 'client_golang']],
  ['doubles', [...gauges, 'client_golang', 'victoriametrics']],
  ['application', ['kit-live', 'prom-client-registry', 'client_golang', 'lines']],
  ['mixed', ['kit-collectors', 'constant', 'lines']],
  ['waiting', ['kit-waiting', 'prom-client-waiting']],
  ['histograms', ['kit-histograms', 'prom-client-histograms', 'client_golang', 'lines']],
  ...kinds
    .filter((kind) => !['mixed', 'doubles', 'application', 'waiting'].includes(kind))
    .map((kind): [Served, string[]] => [kind, gauges]),
])('%s: all serve the same, scrape after scrape', async (served, names) => {
  const { entrants } = entrantsOf(names);
  expect(entrants.length).toBeGreaterThan(1);
  await withContenders(entrants, [served, String(COUNT), 'told'], async (contenders) => {
    const prometheus = scraper({ 'accept-encoding': 'gzip' });
    for (const n of [0, 1, 2]) {
      for (const { ask } of contenders) await ask(`turn ${n}`);
      await check(contenders, prometheus, { served, count: COUNT, n });
    }
    prometheus.close();
  });
});

it.each(['inc-bound', 'inc-labels', 'observe-bound', 'observe-labels'])('%s: all count the same', async (kind) => {
  const byHand = kind.endsWith('-labels') ? ['calls-by-hand'] : [];
  const { entrants } = entrantsOf([
    'calls-kit',
    'calls-kit-classic',
    'calls-prom-client',
    'calls-prometheus-io',
    ...byHand,
  ]);
  await withContenders(entrants, [kind, '60', 'told'], async (contenders) => {
    const prometheus = scraper();
    for (const contender of contenders) {
      await contender.ask('turn 70000');
      await contender.ask('turn 3');
      await checkLines(contender, prometheus, expectedOfCalls(kind, 60, 70_003));
    }
    prometheus.close();
  });
});
