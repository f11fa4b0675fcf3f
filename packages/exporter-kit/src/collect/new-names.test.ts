import { describe, expect, it } from 'vitest';
import { everyKind } from '../../test/every-kind.ts';
import { memory } from '../../test/push/memory.ts';
import { encodeToBytes, encodeToString, texts } from '../encode/encode.ts';
import { openMetricsCreatedTexts, openMetricsTexts } from '../encode/openmetrics.ts';
import { protobufs } from '../encode/protobuf/page.ts';
import { samplesOf } from '../encode/samples.ts';
import { live } from '../live/index.ts';
import { counter, gauge, histogram, stateset } from '../metric/declare.ts';
import { escapings } from '../metric/escape.ts';
import { parseProtobuf } from '../parse/protobuf.ts';
import { executeJob } from '../push/execute.ts';
import { job } from '../push/job.ts';
import { probed, scrape } from '../testing/index.ts';
import { type Collector, collector } from './collector.ts';
import { withLabels, withPrefix } from './decorate.ts';
import { exporter } from './exporter.ts';
import { newNames } from './new-names.ts';
import { probe } from './probe.ts';
import { gatherer } from './scrape/gather.ts';
import type { Snapshot } from './scrape/snapshot.ts';

const help = 'Messages waiting.';
const deprecated = { replacedBy: 'queue_messages', until: '2.0.0' };
const depth = gauge({ name: 'queue_depth', help, labels: ['queue'], deprecated });

const snapshotsOf = (collectors: readonly Collector[]) => {
  const all = gatherer(exporter({ name: 'x_exporter', collectors }), collectors);
  return async (families?: ReadonlySet<string>): Promise<Snapshot> =>
    (await all.gather({ deadline: Infinity, natives: true, ...(families && { families }) })).snapshot;
};

/** Expects that what is new equals what is old, but for `fresh` before the name and the remark in the help. */
function expectTwice(all: readonly string[]): void {
  const [old, added]: [string[], string[]] = [[], []];
  for (const one of all) {
    const note = / \(deprecated: use fresh[^)]*\)/;
    const plain = one.replace(note, '');
    if (/x_+(scrape|exporter)_|# EOF|^$/.test(one)) continue;
    (plain.includes('fresh') ? added : old).push(plain.replaceAll('fresh', ''));
  }
  expect(old.length).toBeGreaterThan(20);
  expect(added.sort()).toEqual(old.sort());
}

describe('every kind of metric is written under its old and its new name', () => {
  const snapshot = snapshotsOf(everyKind(true));

  it.each(escapings)('in text and OpenMetrics, escaped by %s', async (escaping) => {
    for (const format of [texts, openMetricsTexts, openMetricsCreatedTexts]) {
      // The second one finds lines that the first has made.
      for (let i = 0; i < 2; i++) expectTwice(encodeToString(await snapshot(), format[escaping]).split('\n'));
    }
  });

  it('in protobuf, and as samples for remote write, OTLP and JSON', async () => {
    const all = parseProtobuf(encodeToBytes(await snapshot(), protobufs['allow-utf-8']));
    expectTwice(all.flatMap(({ samples, ...family }) => samples.map((one) => JSON.stringify([family, one]))));
    const samples = Array.from(samplesOf(await snapshot(), { natives: 'beside' }), ({ samples, ...family }) =>
      Array.from(samples, (one) => JSON.stringify([family, one])),
    );
    expectTwice(samples.flat());
  });
});

it('says so in the help text', async () => {
  const queues = collector({
    name: 'queues',
    metrics: { depth },
    collect: (write) => write.depth.set({ queue: 'a' }, 1),
  });
  const bare = gauge({ name: 'queue_odd', help: 'Odd.', deprecated: {} });
  const odd = collector({ name: 'odd', metrics: { bare }, cacheForMs: 5000, collect: (write) => write.bare.set(1) });
  expect(
    (await scrape(withPrefix(queues, 'eu_'))).text,
  ).toBe(`# HELP eu_queue_depth Messages waiting. (deprecated: use eu_queue_messages)
# TYPE eu_queue_depth gauge
eu_queue_depth{queue="a"} 1
# HELP eu_queue_messages Messages waiting.
# TYPE eu_queue_messages gauge
eu_queue_messages{queue="a"} 1
`);
  expect((await scrape(odd)).text).toContain('Odd. (Cached for 5 s.) (deprecated)\n');
});

it('follows rows that come and go, and is found by its new name', async () => {
  let from = 0;
  const metrics = { depth: gauge({ name: 'depth', help, labels: ['i'], deprecated: { replacedBy: 'freshdepth' } }) };
  const rows = collector({
    name: 'rows',
    metrics,
    collect(write) {
      for (let i = from; i < from + 3000; i++) write.depth.set({ i }, i);
    },
  });
  const snapshot = snapshotsOf([withLabels(rows, { at: 'a' }), withLabels(rows, { at: 'b' })]);
  for (from of [0, 10, 3000, 6000, 9000, 9001])
    expectTwice(encodeToString(await snapshot(), texts.underscores).split('\n'));
  const found = encodeToString(await snapshot(new Set(['freshdepth'])), texts.underscores).split('\n');
  expect(found.length).toBe(6003);
});

it('follows what is counted live, by feed and by writers', async () => {
  const shop = live({
    name: 'shop',
    metrics: {
      orders: counter({ name: 'orders_total', help, labels: ['c'], deprecated: { replacedBy: 'freshorders_total' } }),
      took: histogram({ name: 'took', help, buckets: [1], deprecated: { replacedBy: 'freshtook' } }),
    },
  });
  const snapshot = snapshotsOf([shop.collector]);
  for (let i = 0; i < 25; i++) {
    shop.orders.inc({ c: `${i}` });
    shop.took.observe(i);
    if (i > 20) expectTwice(encodeToString(await snapshot(), texts.underscores).split('\n'));
  }
  const { feed: _, ...fedByWriters } = shop.collector;
  expectTwice(encodeToString(await snapshotsOf([fedByWriters])(), texts.underscores).split('\n'));
});

it('follows what a job counts, with its exemplars, and what a probe writes', async () => {
  const took = histogram({ name: 'took', help, buckets: [1], deprecated: { replacedBy: 'took_new' } });
  const sink = memory();
  const counting = job({
    name: 'counting',
    metrics: { took },
    run: (write) => void write.took.observe(0.5, { trace_id: 'abc' }),
  });
  await executeJob(counting, { to: [sink] });
  for (const name of ['took', 'took_new']) expect(sink.got[0]!.lines).toContain(`${name}_bucket{le="1.0"} 1`);
  const link = stateset({ name: 'link', help, states: ['up', 'down'], deprecated: { replacedBy: 'link_state' } });
  const dns = probe({ name: 'dns', metrics: { link }, probe: (write) => void write.link.set('down') });
  const { text } = await probed(dns, 'example.org');
  for (const name of ['link', 'link_state']) expect(text).toContain(`${name}{${name}="down"} 1\n`);
});

it('leaves out a series that another collector writes by itself', async () => {
  const queues = collector({
    name: 'queues',
    metrics: { depth },
    collect: (write) => write.depth.set({ queue: 'a' }, 1),
  });
  const other = collector({
    name: 'other',
    families: 'dynamic',
    collect({ family }) {
      const messages = family(gauge({ name: 'queue_messages', help, labels: ['queue'] }));
      messages.set({ queue: 'a' }, 7);
      messages.set({ queue: 'b' }, 7);
    },
  });
  const text = encodeToString(await snapshotsOf([queues, other])(), texts.underscores);
  expect(text.split('\n').filter((line) => line.startsWith('queue_messages'))).toEqual([
    'queue_messages{queue="a"} 1',
    'queue_messages{queue="b"} 7',
  ]);
});

describe('a new name that can not be written is refused', () => {
  const declared = (name: string, replacedBy: string) => () =>
    counter({ name, help, labels: ['queue'], deprecated: { replacedBy } });
  it.each([
    ['queue_x_total', 'gauge or counter?', /replacedBy "gauge or counter\?" is not a metric name of letters/],
    ['queue_x_total', '', /replacedBy "" is not a metric name/],
    ['queue_x_total', 'queue_x_total', /is the metric itself/],
    ['queue_x_total', 'queue_y', /replacedBy "queue_y" is a counter; call it "queue_y_total"/],
    ['queue_x_total', 'queueX_total', /camelCase/],
  ])('%s, replaced by %s', (name, replacedBy, message) => {
    expect(declared(name, replacedBy)).toThrow(message);
  });

  it('for lack of its unit', () => {
    expect(() => gauge({ name: 'x_bytes', help, unit: 'bytes', deprecated: { replacedBy: 'y' } })).toThrow(
      /deprecated\.replacedBy "y": the name must end in its unit; call it "y_bytes"/,
    );
  });

  it('because another family has it', () => {
    const messages = gauge({ name: 'queue_messages', help, labels: ['queue'] });
    const both = { depth, messages };
    const twice = /would both write "queue_messages"/;
    expect(() => collector({ name: 'queues', metrics: both, collect() {} })).toThrow(
      `collector queues: queue_depth, replaced by queue_messages, and queue_messages would both write "queue_messages"; rename one.`,
    );
    expect(() => job({ name: 'queues', metrics: both, run() {} })).toThrow(twice);
    expect(() => live({ name: 'queues', metrics: both })).toThrow(twice);
    const [a, b] = [{ depth }, { messages }].map((metrics, i) => collector({ name: `q${i}`, metrics, collect() {} }));
    expect(() => exporter({ name: 'x_exporter', collectors: [a!, b!] })).toThrow(
      /queue_messages is written by collector q0 and by collector q1/,
    );
    const success = gauge({ name: 'works', help, deprecated: { replacedBy: 'probe_success' } });
    const dns = probe({ name: 'dns', metrics: { success }, probe() {} });
    expect(() => exporter({ name: 'x_exporter', probes: [dns] })).toThrow(/probe_success is written by the kit/);
  });
});

it('costs nothing where nothing is deprecated', () => {
  const plain = collector({ name: 'plain', metrics: { one: gauge({ name: 'one', help }) }, collect() {} });
  expect(newNames(plain)).toBeUndefined();
});
