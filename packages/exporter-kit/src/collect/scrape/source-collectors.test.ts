import { expect, it, onTestFinished, vi } from 'vitest';
import { encodeText } from '../../encode/encode.ts';
import { type Collector, collector, exporter, gauge, source, unsupported, withPrefix } from '../../index.ts';
import { resolveTargets, sourcesOf } from '../source/targets.ts';
import { type Gatherer, gatherer } from './gather.ts';

const help = 'Help.';
const never = (): Promise<never> => new Promise(() => {});

/** A source, and how many clients it has opened and closed. */
function thing(own: { open?: () => unknown; read?: () => unknown } = {}) {
  const counts = { opened: 0, closed: 0 };
  const made = source({
    name: 'thing',
    up: gauge({ name: 'thing_up', help }),
    async open() {
      await own.open?.();
      return ++counts.opened;
    },
    read: () => own.read?.(),
    close: () => void counts.closed++,
  });
  return { made, counts };
}

function start(collectors: readonly Collector[]): Gatherer {
  const made = exporter({ name: 'x_exporter', collectors });
  const live = gatherer(made, collectors, { targets: resolveTargets(sourcesOf(collectors)) });
  onTestFinished(() => live.sources.retire());
  return live;
}

async function scrape(live: Gatherer, ms = 50_000): Promise<string[]> {
  const { snapshot } = await live.gather({ deadline: performance.now() + ms });
  const text = encodeText(snapshot);
  snapshot.release();
  return text.split('\n');
}

it('gives a collector its own limit from its own start, however long the target took to answer', async () => {
  const { made } = thing({ read: () => new Promise((answered) => setTimeout(answered, 300)) });
  const one = collector({
    name: 'one',
    source: made,
    timeoutMs: 250,
    metrics: { one: gauge({ name: 'thing_one', help }) },
    collect: ({ one }) => one.set(1),
  });
  expect(await scrape(start([one]))).toContain('thing_one 1');
});

it('leaves the client open when a collector hangs, and closes it while that goes on', async () => {
  const { made, counts } = thing();
  let runs = 0;
  const hanging = collector({
    name: 'hanging',
    source: made,
    metrics: {},
    collect() {
      runs++;
      return never();
    },
  });
  const live = start([hanging]);
  for (let i = 0; i < 3; i++) {
    const lines = await scrape(live, 30);
    expect(lines).toContain('thing_up 1');
    expect(lines).toContain('x_scrape_collector_success{collector="hanging"} 0');
  }
  expect([runs, counts]).toEqual([1, { opened: 1, closed: 0 }]);
  gatherer(live.exporter, [hanging], { targets: new Map(), earlier: live });
  await vi.waitFor(() => expect(counts.closed).toBe(1), 50_000);
});

it.each(['open', 'read'] as const)('takes unsupported() in %s for any error: the target is down', async (stage) => {
  const { made } = thing({ [stage]: () => unsupported('not here') });
  const one = collector({ name: 'one', source: made, metrics: {}, collect() {} });
  const lines = await scrape(start([one]));
  for (const line of [
    'thing_up 0',
    'x_scrape_collector_success{collector="one"} 0',
    'x_scrape_collector_unsupported{collector="one"} 0',
    `x_scrape_source_failures_total{source="thing",stage="${stage}"} 1`,
  ]) {
    expect(lines).toContain(line);
  }
});

it('has the same up for collectors with a prefix', async () => {
  const { made } = thing();
  const one = collector({
    name: 'one',
    source: made,
    metrics: { one: gauge({ name: 'one', help }) },
    collect: ({ one }) => one.set(1),
  });
  const lines = await scrape(start([withPrefix(one, 'eu_')]));
  expect(lines).toEqual(expect.arrayContaining(['eu_one 1', 'thing_up 1']));
  expect(lines.join('\n')).not.toContain('eu_thing_up');
});
