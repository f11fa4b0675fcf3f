import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeToString, text } from '../../encode/encode.ts';
import { samplesOf } from '../../encode/samples.ts';
import { live } from '../../live/live.ts';
import { counter, gauge, gaugeHistogram, histogram, info, stateset, summary, untyped } from '../../metric/declare.ts';
import type { Metric } from '../../metric/metric.ts';
import { type Collector, collector } from '../collector.ts';
import { silent } from '../context.ts';
import type { Family } from '../families.ts';
import { joinParts, snapshotOf } from '../scrape/snapshot.ts';
import { countDrops } from '../store/drops.ts';
import { Store } from '../store/store.ts';
import { writeFamilies } from '../write-families.ts';
import { record } from './record.ts';
import { writeBatches } from './write-batches.ts';

const metrics = {
  gauge: gauge({ name: 'a', help: 'x', labels: ['queue', 'node'] }),
  plain: gauge({ name: 'b', help: 'x' }),
  counter: counter({ name: 'c_total', help: 'x', labels: ['queue'] }),
  untyped: untyped({ name: 'd', help: 'x', labels: { queue: ['a', 'b'], node: Boolean } }),
  histogram: histogram({ name: 'e', help: 'x', buckets: [1, 2], labels: ['queue'] }),
  ages: gaugeHistogram({ name: 'j', help: 'x', buckets: [1, 2], labels: ['queue'] }),
  summary: summary({ name: 'f', help: 'x', quantiles: [0.5], labels: ['queue'] }),
  info: info({ name: 'g_info', help: 'x', labels: ['queue'] }),
  about: info({ name: 'h_info', help: 'x' }),
  stateset: stateset({ name: 'i', help: 'x', states: ['up', 'down'], labels: ['queue'] }),
};
const dynamic: readonly Metric[] = [
  gauge({ name: 'dyn', help: 'x', labels: ['queue'] }),
  gauge({ name: 'dyn', help: 'x', labels: ['queue'] }),
  gauge({ name: 'dyn', help: 'another', labels: ['queue'] }),
  counter({ name: 'dyn_total', help: 'x', labels: ['queue'] }),
];
const made = collector({ name: 'test', families: 'dynamic', metrics, collect() {} });

// biome-ignore lint/suspicious/noExplicitAny: tests hand over what types forbid.
type Writers = { readonly [key: string]: any };

interface Left {
  readonly body: string;
  readonly drops: object;
  readonly first: ReadonlyMap<string, string>;
}

/** Writes straight into a store's run, or what is written is recorded, posted and written again. */
async function run(
  { metrics }: Collector,
  store: Store,
  write: (writers: Writers) => void | Promise<void>,
  threaded: boolean,
): Promise<void> {
  const writers = store.begin();
  if (!threaded) return write(writers);
  const { port1, port2 } = new MessageChannel();
  const recording = record(metrics);
  await write(recording.writers);
  recording.end();
  for (const message of recording.messages()) port2.postMessage(message);
  await writeBatches(port1, { ...made, metrics }, writers, new AbortController().signal);
  port1.close();
}

/** What a run leaves when `write` writes straight into a store, or in a thread. */
async function left(write: (writers: Writers) => void, threaded: boolean): Promise<Left> {
  const drops = countDrops(false);
  const store = new Store({ title: 'test', metrics }, drops);
  await run(made, store, write, threaded);
  const families = joinParts([{ title: 'test', columns: store.snapshot().columns, conflict() {} }]);
  return {
    body: encodeToString(snapshotOf(families), text),
    drops: Object.fromEntries(drops.counts),
    first: drops.first,
  };
}

const label = fc.oneof(
  fc.constantFrom<unknown>('a', 'b', '', '\n"\\', '__proto__', '\ud800', true, 1, -0, 1n, null, undefined),
  fc.constantFrom<unknown>({}, [], () => {}, Symbol('x'), 'x'.repeat(500)),
  fc.string(),
);
const labels = fc.oneof(
  fc.record({ queue: label, node: label }),
  fc.record({ queue: label }),
  fc.record({ node: label, queue: label, constructor: label }),
  label,
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom<unknown>(-0, 1n, '1', null, undefined, () => {}),
);
const value = fc.oneof(
  number,
  fc.constantFrom<unknown>('up', 'down', 'sideways'),
  fc.record({ counts: fc.array(number, { minLength: 2, maxLength: 4 }), sum: number }),
  fc.record({ quantiles: fc.array(number, { maxLength: 2 }), sum: number, count: number }),
  fc.record({ counts: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), sum: fc.double() }),
  fc.record({ quantiles: fc.array(fc.double(), { minLength: 1, maxLength: 1 }), sum: fc.double(), count: fc.nat() }),
);
const target = fc.oneof(fc.constantFrom(...Object.keys(metrics)), fc.nat(dynamic.length - 1));
const call = fc.record({ target, args: fc.oneof(fc.tuple(labels, value), fc.tuple(value), fc.tuple(labels)) });

it('is written again exactly as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 60 }), async (calls) => {
      const write = (writers: Writers): void => {
        for (const { target, args } of calls) {
          const writer = typeof target === 'string' ? writers[target] : writers.family(dynamic[target]);
          writer.set(...args);
        }
      };
      const [threaded, plain] = [await left(write, true), await left(write, false)];
      expect({ ...threaded, first: {} }).toEqual({ ...plain, first: {} });
    }),
    { numRuns: 500 },
  );
});

it('is as it was at the call, whatever the caller changes later', async () => {
  const counts = [1, 2, 3];
  const odd = { queue: 'a' };
  const { body, first } = await left((writers) => {
    writers.histogram.set({ queue: 'a' }, { counts, sum: 1 });
    writers.counter.set(odd, '1');
    counts.fill(0);
    odd.queue = 'changed';
  }, true);
  expect(body).toContain('e_bucket{queue="a",le="2.0"} 3\n');
  expect([...first.values()]).toEqual(['c_total{queue="a"}: a counter must be a number of 0 or more, not string.']);
});

it('drops what throws when it is read, counted, and nothing else', async () => {
  const boom = (): never => {
    throw new Error('boom');
  };
  const { body, drops } = await left((writers) => {
    writers.counter.set(new Proxy({}, { get: boom, ownKeys: boom, getOwnPropertyDescriptor: boom }), 1);
    writers.counter.set({ queue: { toString: boom } }, 1);
    writers.counter.set({ queue: Symbol('x') }, 1);
    writers.histogram.set({ queue: 'a' }, { counts: new Proxy([1, 2, 3], { get: boom }), sum: 1 });
    writers.plain.set({}, 4);
    writers.about.set({});
    writers.counter.set({ queue: 'a' }, 1);
  }, true);
  expect(body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'b 4',
    'c_total{queue="a"} 1',
    'h_info 1',
  ]);
  expect(drops).toEqual({ invalid_label: 3, invalid_value: 1 });
});

it('takes nothing after its end', () => {
  const recording = record(metrics);
  recording.end();
  (recording.writers as Writers).plain.set(1);
  (recording.writers as Writers).family(dynamic[0]).set({ queue: 'a' }, 1);
  expect([...recording.messages()]).toEqual([]);
});

it('comes in pieces, between which others have their turn, until the signal aborts', async () => {
  const recording = record(metrics);
  for (let i = 0; i < 200_000; i++) (recording.writers as Writers).gauge.set({ queue: `${i}`, node: 'x' }, i);
  const { port1, port2 } = new MessageChannel();
  const messages = [...recording.messages()];
  expect(messages.length).toBeGreaterThan(100);
  for (const message of messages) port2.postMessage(message);
  const abort = new AbortController();
  let taken = 0;
  const writers = { ...Object.fromEntries(Object.keys(metrics).map((key) => [key, { set: () => taken++ }])) };
  const end = writeBatches(port1, made, writers, abort.signal);
  await turn();
  expect(taken).toBeGreaterThan(0);
  abort.abort(new Error('time is up'));
  await expect(end).rejects.toThrow('time is up');
  expect(taken).toBeLessThan(200_000);
  port1.close();
});

describe('what comes beside numbers arrives too', () => {
  const counted = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ name: 'orders_total', help: 'x' }),
      served: counter({ name: 'served_total', help: 'x', labels: ['to'] }),
      took: histogram({ name: 'took', help: 'x', buckets: [1], labels: ['step'] }),
      plain: histogram({ name: 'plain', help: 'x', buckets: [1], native: false }),
    },
  });
  counted.orders.inc(2, { trace_id: 'a' });
  counted.served.inc({ to: 'b' }, 1, { trace_id: 'b' });
  for (const value of [0, -3, 0.5, 1e9]) counted.took.observe({ step: 'x' }, value, { trace_id: `took ${value}` });
  counted.plain.observe(0.5, { trace_id: 'c' });

  const all = async (of: Collector, threaded: boolean): Promise<string> => {
    const store = new Store({ title: 'test', metrics: of.metrics }, countDrops(true));
    const context = { signal: new AbortController().signal, log: silent, config: undefined };
    await run(of, store, async (writers) => of.collect(writers, context), threaded);
    const parts = [{ title: 'test', columns: store.snapshot().columns, conflict() {} }];
    const families = [...samplesOf(snapshotOf(joinParts(parts)), { natives: 'beside' })];
    return JSON.stringify(families.map((family) => ({ ...family, samples: [...family.samples] })));
  };

  it('of what is counted there: exemplars, starts, native buckets', async () => {
    const threaded = await all(counted.collector, true);
    expect(threaded).toBe(await all(counted.collector, false));
    const { took, plain, served, orders } = Object.fromEntries(
      (JSON.parse(threaded) as Family[]).map(({ name, samples }) => [name.replace(/_total$/, ''), samples]),
    );
    expect(took![0]).toMatchObject({ native: { count: 4, zeroCount: 1, negative: [[expect.anything(), 1]] } });
    expect(took![0]!.native!.exemplars).toHaveLength(2);
    expect(plain![0]).toMatchObject({ exemplar: { labels: { trace_id: 'c' } } });
    for (const [sample] of [served!, orders!])
      expect(sample).toMatchObject({ exemplar: { labels: {} }, startMs: expect.any(Number) });
    for (const [sample] of [took!, plain!]) expect(sample!.startMs).toBeGreaterThan(0);
  });

  it('of what is set there, and of what is relayed', async () => {
    const fine = histogram({ name: 'fine', help: 'x', buckets: [], labels: ['a'] });
    const ages = gaugeHistogram({ name: 'ages', help: 'x', buckets: [1] });
    const relay = collector({
      name: 'relay',
      families: 'dynamic',
      metrics: { fine, ages },
      async collect({ fine, ages, family }) {
        fine.set({ a: '1' }, { sum: 4, native: { schema: 1, zeroCount: 2, positive: [[-5, 1]] } });
        ages.set({ counts: [1, 0], sum: 1, native: { schema: 0, positive: { spans: [[0, 1]], deltas: [1] } } });
        const native = { schema: 0, zeroThreshold: 0.5, zeroCount: 1, positive: [[3, 2]], negative: [] } as const;
        const whole = {
          ...native,
          sum: 9,
          count: 3,
          gauge: false,
          exemplars: [{ labels: {}, value: 1, timestampMs: 5 }],
        };
        const sample = { name: 'read', labels: { b: '' }, value: 3, startMs: 7, native: whole };
        writeFamilies(family, [{ name: 'read', kind: 'histogram', help: 'x', unit: '', samples: [sample] }]);
      },
    });
    const threaded = await all(relay, true);
    expect(threaded).toBe(await all(relay, false));
    expect(threaded.match(/"native":/g)).toHaveLength(3);
    expect(threaded).toContain('"exemplars":[{"labels":{},"value":1,"timestampMs":5}]');
  });
});
