import { expect, it } from 'vitest';
import { everything } from '../../test/everything.ts';
import { silent } from '../collect/context.ts';
import type { Sample } from '../collect/families.ts';
import { runner } from '../collect/scrape/runner.ts';
import { familiesOf, joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import type { Writer } from '../collect/writers.ts';
import { live } from '../live/index.ts';
import { counter, gauge, histogram } from '../metric/declare.ts';
import type { Metric } from '../metric/metric.ts';
import { parseText } from '../parse/text.ts';
import { executeJob } from '../push/execute.ts';
import { familySnapshot } from '../push/family-snapshot.ts';
import { encodeText } from './encode.ts';
import { familiesText } from './families-text.ts';
import { samplesOf } from './samples.ts';

/** What a metric's writer writes, under labels of its collector. */
function written(metric: Metric, write: (writer: Writer<unknown[]>) => void, constLabels = {}): Snapshot {
  const store = new Store({ title: 'test', metrics: { metric }, constLabels }, countDrops(true));
  write(store.begin().metric as Writer<unknown[]>);
  return snapshotOf(joinParts([{ title: 'test', columns: store.snapshot().columns, conflict() {} }]));
}

const textOf = (snapshot: Snapshot): string => Buffer.from(familiesText(samplesOf(snapshot))).toString();

function samplesIn(snapshot: Snapshot): Sample[] {
  return [...samplesOf(snapshot)]
    .flatMap(({ samples }) => [...samples])
    .map((sample) => ({ ...sample, labels: { ...sample.labels } }));
}

it('gives the names, labels and numbers of the text format', async () => {
  for (const round of [1, 2]) {
    let checked = 0;
    await executeJob(everything(round), {
      to: [
        {
          name: 'reader',
          async deliver({ snapshot }) {
            const text = encodeText(snapshot, { escaping: 'allow-utf-8' });
            const parsed = parseText(text).flatMap(({ samples }) => samples);
            expect(samplesIn(snapshot)).toEqual(parsed.map((sample) => ({ ...sample, labels: { ...sample.labels } })));
            expect(textOf(snapshot)).toBe(text);
            checked = parsed.length;
          },
        },
      ],
    });
    expect(checked).toBeGreaterThan(50);
  }
});

it('gives what was declared: kind, unit and help', async () => {
  const wait = histogram({ name: 'wait_seconds', help: 'Time waited.', unit: 'seconds', buckets: [1] });
  const [family] = samplesOf(written(wait, (writer) => writer.set({ counts: [1, 0], sum: 0.5 })));
  expect(family).toMatchObject({ name: 'wait_seconds', kind: 'histogram', unit: 'seconds', help: 'Time waited.' });
});

it('keeps each line of families that were read from elsewhere', () => {
  const lines = [
    ...['h_bucket{le="1"} 3', 'h_count 4', 'h_bucket{a="x",le="1e-9"} 1', 'h_sum{a="x"} NaN'],
    ...['# TYPE s summary', 's{quantile="0.50",a=""} 1', 's_count{a="y"} 2', 's_created 3', ''],
  ];
  const snapshot = familySnapshot(parseText(`# TYPE h histogram\n${lines.join('\n')}`, { lenient: true }), 'test');
  expect([...samplesOf(snapshot)].map(({ name, kind }) => [name, kind])).toEqual([
    ['h', 'histogram'],
    ['s', 'summary'],
    ['s_created', 'unknown'],
  ]);
  expect(textOf(snapshot)).toBe(encodeText(snapshot));
  expect(samplesIn(snapshot)).toContainEqual({ name: 'h_bucket', labels: { a: 'x', le: '1e-09' }, value: 1 });
  expect(samplesIn(snapshot)).toContainEqual({ name: 'h_count', labels: {}, value: 4 });
});

it('gives labels of the collector first, and labels in their declared order whatever the order they are set in', () => {
  const snapshot = written(
    gauge({ name: 'g', help: 'x', labels: ['a', 'b'] }),
    (writer) => {
      writer.set({ b: 2, a: true }, 1);
      writer.set({ a: '\ud800', b: 3 }, 2);
    },
    { broker: 'eu' },
  );
  expect(samplesIn(snapshot).map(({ labels }) => Object.entries(labels))).toEqual([
    [
      ['broker', 'eu'],
      ['a', 'true'],
      ['b', '2'],
    ],
    [
      ['broker', 'eu'],
      ['a', '\ufffd'],
      ['b', '3'],
    ],
  ]);
  expect(textOf(snapshot)).toBe(encodeText(snapshot));
});

it('has no labels but those of the sample', () => {
  const [family] = samplesOf(written(gauge({ name: 'g', help: 'x' }), (writer) => writer.set(1)));
  const [{ labels }] = family!.samples as unknown as [Sample];
  for (const name of ['constructor', 'toString', '__proto__']) expect(labels[name]).toBeUndefined();
});

it('leaves out what the run did not write, and what another has', () => {
  const g = gauge({ name: 'g', help: 'x', labels: ['a'] });
  const store = new Store({ title: 'test', metrics: { g } }, countDrops(true));
  const other = new Store({ title: 'other', metrics: { g } }, countDrops(true));
  for (const labels of ['1 2 3', '2']) {
    const writer = store.begin().g as Writer<unknown[]>;
    for (const a of labels.split(' ')) writer.set({ a }, 1);
  }
  const writer = other.begin().g as Writer<unknown[]>;
  for (const a of ['2', '4']) writer.set({ a }, 5);
  const parts = [store, other].map((one) => ({ title: '', columns: one.snapshot().columns, conflict() {} }));
  const snapshot = snapshotOf(joinParts(parts));
  expect(samplesIn(snapshot)).toEqual([
    { name: 'g', labels: { a: '2' }, value: 1 },
    { name: 'g', labels: { a: '4' }, value: 5 },
  ]);
});

it('has one zero and one NaN, as text has', () => {
  const snapshot = written(gauge({ name: 'g', help: 'x', labels: ['a'] }), (writer) => {
    writer.set({ a: 1 }, -0);
    writer.set({ a: 2 }, 1);
  });
  const { vals } = familiesOf(snapshot)[0]!.columns[0]!;
  // The NaN that ends a series in remote write.
  new DataView(vals.buffer).setBigUint64(vals.byteOffset + 8, 0x7ff0000000000002n, true);
  const [zero, nan] = samplesIn(snapshot);
  expect(Object.is(zero!.value, 0)).toBe(true);
  expect(new BigUint64Array(Float64Array.of(nan!.value).buffer)[0]).toBe(0x7ff8000000000000n);
});

it('reads samples as they are asked for, as often as they are', () => {
  const snapshot = written(gauge({ name: 'g', help: 'x', labels: ['a'] }), (writer) => {
    for (let a = 0; a < 3; a++) writer.set({ a }, a);
  });
  const [family] = samplesOf(snapshot);
  familiesOf(snapshot)[0]!.columns[0]!.vals[1] = 7;
  for (let i = 0; i < 2; i++) expect(Array.from(family!.samples, ({ value }) => value)).toEqual([0, 7, 2]);
});

it('gives exemplars and the time from which something was counted', async () => {
  const before = Date.now();
  const { done, took, stock, collector } = live({
    name: 'shop',
    span: false,
    metrics: {
      done: counter({ name: 'done_total', help: 'x' }),
      stock: gauge({ name: 'stock', help: 'x' }),
      took: histogram({ name: 'took_seconds', help: 'x', unit: 'seconds', buckets: [0.5] }),
    },
  });
  done.inc(2, { trace_id: 'a' });
  stock.set(1);
  took.observe(0.4, { trace_id: 'b' });
  took.observe(7, { trace_id: 'c' });
  const { samples } = await runner(collector, undefined, { log: silent, strict: true }).join(Infinity).done;
  const all = samplesIn(snapshotOf(joinParts([{ title: 'test', columns: samples!.columns, conflict() {} }])));
  const startMs = expect.toSatisfy((ms) => ms >= before - 1 && ms <= Date.now());
  const exemplar = (trace_id: string, value: number) =>
    expect.objectContaining({ labels: { trace_id }, value, timestampMs: startMs });
  expect(all).toEqual([
    { name: 'done_total', labels: {}, value: 2, startMs, exemplar: exemplar('a', 2) },
    { name: 'stock', labels: {}, value: 1 },
    { name: 'took_seconds_bucket', labels: { le: '0.5' }, value: 1, startMs, exemplar: exemplar('b', 0.4) },
    { name: 'took_seconds_bucket', labels: { le: '+Inf' }, value: 2, startMs, exemplar: exemplar('c', 7) },
    { name: 'took_seconds_sum', labels: {}, value: 7.4, startMs },
    { name: 'took_seconds_count', labels: {}, value: 2, startMs },
  ]);
});
