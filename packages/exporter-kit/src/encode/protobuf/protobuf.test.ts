import { describe, expect, it } from 'vitest';
import { bucketsOf, classicLines, decodeFamilies, lineOf, type ModelFamily } from '../../../test/client-model.ts';
import { everything } from '../../../test/everything.ts';
import { gatherer } from '../../collect/scrape/gather.ts';
import type { Snapshot } from '../../collect/scrape/snapshot.ts';
import {
  type Collector,
  collector,
  counter,
  executeJob,
  exporter,
  gauge,
  histogram,
  live,
  stateset,
  withLabels,
} from '../../index.ts';
import { escapings } from '../../metric/escape.ts';
import { parseText } from '../../parse/index.ts';
import { familySnapshot } from '../../push/family-snapshot.ts';
import { encodeToBytes } from '../encode.ts';
import { samplesOf } from '../samples.ts';
import { protobufs } from './page.ts';

type Escaping = keyof typeof protobufs;

const decoded = (snapshot: Snapshot, escaping: Escaping = 'allow-utf-8'): ModelFamily[] =>
  decodeFamilies(encodeToBytes(snapshot, protobufs[escaping]));

/** The lines of text 0.0.4. */
const linesOf = (snapshot: Snapshot, escaping: Escaping = 'allow-utf-8'): string[] =>
  [...samplesOf(snapshot, { escaping })].flatMap(({ samples }) =>
    Array.from(samples, ({ name, labels, value }) => lineOf(name, Object.entries(labels), value)),
  );

async function snapshotOf(...collectors: Collector[]): Promise<Snapshot> {
  const scraped = gatherer(exporter({ name: 'x_exporter', namespace: 'x', collectors }), collectors);
  return (await scraped.gather({ deadline: Infinity, natives: true })).snapshot;
}

const familyIn = (snapshot: Snapshot, name: string): ModelFamily =>
  decoded(snapshot).find((family) => family.name === name)!;

describe('protobuf', () => {
  it.each(escapings)('has what text has, with names under %s', async (escaping) => {
    for (const round of [1, 2]) {
      let checked = 0;
      const reader = {
        name: 'reader',
        deliver: async ({ snapshot }: { snapshot: Snapshot }) => {
          const families = decoded(snapshot, escaping);
          expect(classicLines(families)).toEqual(linesOf(snapshot, escaping));
          checked = families.length;
        },
      };
      const { delivered } = await executeJob(everything(round), { to: [reader] });
      expect(delivered.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(checked).toBeGreaterThan(10);
    }
  });

  it('has types, help and units', async () => {
    const about: { [name: string]: unknown } = {};
    await executeJob(everything(1), {
      to: [
        {
          name: 'reader',
          async deliver({ snapshot }) {
            for (const { name, type, unit, help } of decoded(snapshot)) about[name] = [type, unit, help];
          },
        },
      ],
    });
    expect(about).toMatchObject({
      odd_number: ['GAUGE', '', 'x'],
      done_total: ['COUNTER', '', 'x'],
      wait_seconds: ['HISTOGRAM', 'seconds', 'x'],
      size_bytes: ['SUMMARY', 'bytes', 'x'],
      sync_info: ['GAUGE', '', 'x'],
      sync_state: ['GAUGE', '', 'x'],
      anything: ['UNTYPED', '', 'x'],
      'disk.größe': ['GAUGE', '', 'x'],
    });
  });

  it('has no unit that escaping has separated from the name: Prometheus 3.5 would reject all', async () => {
    const waive = { syntax: 'a test' };
    const size = gauge({ name: 'disk.size_bytes', help: 'x', unit: 'bytes', waive });
    const sent = counter({ name: 'sent_bytes_total', help: 'x', unit: 'bytes' });
    const snapshot = await snapshotOf(
      collector({
        name: 'c',
        metrics: { size, sent },
        collect(write) {
          write.size.set(1);
          write.sent.set(1);
        },
      }),
    );
    const units = (escaping: Escaping) =>
      decoded(snapshot, escaping)
        .filter(({ name }) => /size|sent/.test(name))
        .map(({ name, unit }) => [name, unit]);
    expect(units('dots')).toEqual([
      ['disk_dot_size__bytes', 'bytes'],
      ['sent__bytes__total', ''],
    ]);
    expect(units('underscores')).toEqual([
      ['disk_size_bytes', 'bytes'],
      ['sent_bytes_total', 'bytes'],
    ]);
  });

  it('puts histograms and summaries together that were read line by line, and types no broken ones', () => {
    const text = [
      '# HELP h help',
      '# TYPE h histogram',
      ...['h_count{a="y"} 9', 'h_bucket{a="x",le="1"} 3', 'h_bucket{a="y",le="2"} 9', 'h_bucket{a="x",le="+Inf"} 4'],
      ...['h_sum{a="x"} 2', 'h_count{a="x"} 4', 'h_sum{a="y"} NaN', 'h_bucket{a="y",le="0.5"} 1'],
      '# TYPE s summary',
      ...['s{quantile="0.9"} 3', 's{quantile="0.5"} 1', 's_sum 5', 's_count 6'],
      '# TYPE broken histogram',
      ...['broken_bucket{le="1"} 4', 'broken_count 3', 'broken_sum 1'],
      '# TYPE partial summary',
      ...['partial{quantile="0.5"} 1', 'partial_count 1', ''],
    ].join('\n');
    const snapshot = familySnapshot(parseText(text, { lenient: true }), 'test');
    const families = decoded(snapshot);
    expect(families.map(({ name, type }) => [name, type])).toEqual([
      ['broken_bucket', 'UNTYPED'],
      ['broken_count', 'UNTYPED'],
      ['broken_sum', 'UNTYPED'],
      ['h', 'HISTOGRAM'],
      ['partial', 'UNTYPED'],
      ['partial_count', 'UNTYPED'],
      ['s', 'SUMMARY'],
    ]);
    const added = lineOf('h_bucket', Object.entries({ a: 'y', le: '+Inf' }), 9);
    expect(classicLines(families).sort()).toEqual([...linesOf(snapshot), added].sort());
  });

  it('has the labels of the collector and of its target, on metrics with and without labels of their own', async () => {
    const metrics = {
      a: gauge({ name: 'a', help: 'x' }),
      b: counter({ name: 'b_total', help: 'x' }),
      c: gauge({ name: 'c', help: 'x', labels: ['l'] }),
      d: histogram({ name: 'd', help: 'x', buckets: [1] }),
      e: stateset({ name: 'e', help: 'x', states: ['on', 'off'] }),
    };
    const one = collector({
      name: 'one',
      metrics,
      collect({ a, b, c, d, e }) {
        a.set(1);
        b.set(2);
        c.set({ l: 'x' }, 3);
        c.set({ l: 'y' }, 4);
        d.set({ counts: [1, 2], sum: 5 });
        e.set('on');
      },
    });
    const snapshot = await snapshotOf(withLabels(one, { dc: 'größe' }), withLabels(one, { dc: '' }));
    expect(classicLines(decoded(snapshot))).toEqual(linesOf(snapshot));
    expect(linesOf(snapshot)).toContain(lineOf('a', [['dc', 'größe']], 1));
  });

  it('has counts that 64 bits cannot hold as numbers', async () => {
    const h = histogram({ name: 'h', help: 'x', buckets: [1] });
    const snapshot = await snapshotOf(
      collector({ name: 'c', metrics: { h }, collect: (write) => write.h.set({ counts: [2 ** 63, 2 ** 63], sum: 1 }) }),
    );
    const { histogram: written } = familyIn(snapshot, 'h').metric[0]!;
    expect(written).toMatchObject({ sampleCount: 0n, sampleCountFloat: 2 ** 64 });
    expect(classicLines(decoded(snapshot)).sort()).toEqual(linesOf(snapshot).sort());
  });

  it.each([
    ['short rows', 12_000, 3],
    ['rows of kilobytes', 300, 3000],
    ['rows larger than a page', 3, 4000],
  ])('writes all, wherever pages end: %s', async (_what, rows, size) => {
    const labels = Array.from({ length: size > 3000 ? 30 : 1 }, (_, i) => `l${i}`);
    const g = gauge({ name: 'g', help: 'h'.repeat(size > 3 ? 70_000 : 1), labels: ['i', ...labels] });
    const h = histogram({ name: 'h', help: 'x', buckets: [1, 2], labels: ['i'] });
    const s = stateset({ name: 's', help: 'x', states: ['a', 'b'], labels: ['i'] });
    const pad = Object.fromEntries(labels.map((label) => [label, '€'.repeat(size / 3)]));
    const snapshot = await snapshotOf(
      collector({
        name: 'c',
        metrics: { g, h, s },
        collect(write) {
          for (let i = 0; i < rows; i++) {
            write.g.set({ i, ...pad } as never, i / 3);
            if (i % 8 === 0) write.h.set({ i }, { counts: [i, 2 * i, 1], sum: i });
            if (i % 8 === 1) write.s.set({ i }, i % 3 === 0 ? 'a' : 'b');
          }
        },
      }),
    );
    const lines = linesOf(snapshot);
    expect(lines.length).toBeGreaterThan(rows);
    for (let again = 0; again < 2; again++) expect(classicLines(decoded(snapshot))).toEqual(lines);
  });

  it('writes families that are larger than what is kept of them between measuring and writing', async () => {
    const buckets = Array.from({ length: 400 }, (_, i) => i + 1);
    const h = histogram({ name: 'h', help: 'x', buckets, labels: ['i'] });
    const snapshot = await snapshotOf(
      collector({
        name: 'c',
        metrics: { h },
        collect(write) {
          for (let i = 0; i < 900; i++) write.h.set({ i }, { counts: Array(401).fill(i), sum: i });
        },
      }),
    );
    expect(encodeToBytes(snapshot, protobufs.underscores).length).toBeGreaterThan(5_000_000);
    const found = familyIn(snapshot, 'h').metric.map(({ label, histogram: { sampleSum, bucket } = {} as never }) => [
      label[0]!.value,
      sampleSum,
      bucket.length,
      bucket.at(-1)!.cumulativeCount,
    ]);
    expect(found).toEqual(Array.from({ length: 900 }, (_, i) => [String(i), i, 400, BigInt(400 * i)]));
  });

  it('has native histograms beside classic buckets, exemplars, and when each series began', async () => {
    const before = Date.now();
    const shop = live({
      name: 'shop',
      metrics: {
        wait: histogram({ name: 'wait_seconds', help: 'x', unit: 'seconds', buckets: [1], labels: { queue: String } }),
        bare: histogram({ name: 'bare', help: 'x', buckets: [], native: { zeroThreshold: 0 } }),
        plain: histogram({ name: 'plain', help: 'x', buckets: [1], native: false }),
        orders: counter({ name: 'orders_total', help: 'x' }),
      },
    });
    const observed = [0.3, 0.3, 1, 0, -2, 70];
    for (const value of observed) shop.wait.observe({ queue: 'a' }, value);
    shop.wait.observe({ queue: 'a' }, 0.5, { trace_id: 'abc' });
    shop.wait.observe({ queue: 'a' }, 5, { trace_id: 'def' });
    shop.plain.observe(7, { trace_id: 'ghi' });
    shop.orders.inc(2, { trace_id: 'jkl' });
    const snapshot = await snapshotOf(shop.collector);
    const only = (name: string) => familyIn(snapshot, name).metric[0]!;

    const time = expect.toSatisfy(({ seconds, nanos }: { seconds: bigint; nanos: number }) => {
      const ms = Number(seconds) * 1000 + nanos / 1e6;
      return ms >= before && ms <= Date.now();
    });
    const exemplar = (trace_id: string, value: number) =>
      expect.objectContaining({
        label: [expect.objectContaining({ name: 'trace_id', value: trace_id })],
        value,
        timestamp: time,
      });
    const { histogram: wait } = only('wait_seconds');
    expect(wait).toMatchObject({
      sampleCount: 8n,
      sampleSum: 75.1,
      schema: 3,
      zeroThreshold: 2 ** -128,
      zeroCount: 1n,
      createdTimestamp: time,
      exemplars: [exemplar('abc', 0.5), exemplar('def', 5)],
      bucket: [
        { upperBound: 1, cumulativeCount: 6n, exemplar: exemplar('abc', 0.5) },
        { upperBound: Infinity, cumulativeCount: 8n, exemplar: exemplar('def', 5) },
      ],
    });
    expect([...bucketsOf(wait!.positiveSpan, wait!.positiveDelta)]).toEqual([
      [-13, 2n],
      [-8, 1n],
      [0, 1n],
      [19, 1n],
      [50, 1n],
    ]);
    expect([...bucketsOf(wait!.negativeSpan, wait!.negativeDelta)]).toEqual([[8, 1n]]);
    expect(only('bare').histogram).toMatchObject({
      positiveSpan: [{ offset: 0, length: 0 }],
      positiveDelta: [],
      bucket: [],
    });
    const { histogram: plain } = only('plain');
    expect(plain).toMatchObject({ sampleCount: 1n, positiveSpan: [], exemplars: [], createdTimestamp: time });
    expect(plain!.bucket).toMatchObject([{ upperBound: 1 }, { upperBound: Infinity, exemplar: exemplar('ghi', 7) }]);
    expect(only('orders_total').counter).toMatchObject({
      value: 2,
      exemplar: exemplar('jkl', 2),
      createdTimestamp: time,
    });
    expect(only('x_scrape_collector_success').gauge).toMatchObject({ value: 1 });
  });
});
