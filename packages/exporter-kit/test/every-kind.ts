import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'vitest';
import type { NativeHistogram } from '../src/collect/native-histogram.ts';
import type { Snapshot } from '../src/collect/scrape/snapshot.ts';
import { type ReadOptions, samplesOf } from '../src/encode/samples.ts';
import {
  type Collector,
  collector,
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

/** One of each kind, counted with exemplars; with `renamed`, each is deprecated in favour of `fresh…`. */
export function everyKind(renamed = false): readonly Collector[] {
  const named = (name: string) => ({ name, ...(renamed && { deprecated: { replacedBy: `fresh${name}` } }) });
  const counted = live({
    name: 'shop',
    span: false,
    metrics: {
      orders: counter({ ...named('orders_total'), help: 'Orders.', labels: ['country'] }),
      stock: gauge({ ...named('stock_bytes'), help: 'Stock.', unit: 'bytes' }),
      classic: histogram({
        ...named('classic_seconds'),
        help: 'x',
        unit: 'seconds',
        buckets: [0.1, 2.5],
        native: false,
      }),
      fine: histogram({ ...named('fine_seconds'), help: 'x', unit: 'seconds', buckets: [] }),
      both: histogram({ ...named('both_seconds'), help: 'x', unit: 'seconds', buckets: [0.1, 2.5] }),
      wide: histogram({
        ...named('wide_seconds'),
        help: 'x',
        unit: 'seconds',
        buckets: [],
        native: { maxBuckets: 4, maxZeroThreshold: 0.5 },
      }),
      utf8: gauge({ ...named('disk.größe'), help: 'x', labels: ['disk.name'], waive: { syntax: 'to be kept' } }),
    },
  });
  counted.orders.inc({ country: 'pt' }, 2, { trace_id: 'a' });
  counted.orders.inc({ country: 'fr' });
  counted.stock.set(1.5);
  for (const [i, value] of [0, 0.05, 0.3, 0.31, 7, 1e9, -4].entries()) {
    if (value >= 0) counted.classic.observe(value, { trace_id: `classic ${i}` });
    counted.both.observe(value, { trace_id: `both ${i}` });
    // Its zero bucket must become wider to make room for the largest.
    counted.wide.observe(Math.min(value, 8), { trace_id: `wide ${i}` });
    counted.fine.observe(value * 3, { trace_id: `fine ${i}` });
  }
  counted.utf8.set({ 'disk.name': 'sd "a"' }, 4);
  const described = collector({
    name: 'described',
    metrics: {
      build: info({ ...named('build_info'), help: 'x', labels: ['version'] }),
      state: stateset({ ...named('sync_state'), help: 'x', states: ['idle', 'busy'] }),
      size: summary({ ...named('size_bytes'), help: 'x', unit: 'bytes', quantiles: [0.5, 0.99] }),
      any: untyped({ ...named('anything'), help: 'x' }),
      ages: gaugeHistogram({
        ...named('age_seconds'),
        help: 'x',
        unit: 'seconds',
        buckets: [-1, 60],
        labels: ['queue'],
      }),
    },
    collect({ build, state, size, any, ages }) {
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
  return [counted.collector, described];
}

/** Everything that was written, by its series; of a native histogram, what an engine says of it. */
export interface Contents {
  readonly values: Map<string, number | object>;
  readonly exemplars: Map<string, object[]>;
  readonly starts: Map<string, number>;
}

/** A series without what engines add to it. */
export const key = (labels: object): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'job' && name !== 'instance')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** What a snapshot has. */
export function contentsOf(snapshot: Snapshot, options: ReadOptions): Contents {
  const contents: Contents = { values: new Map(), exemplars: new Map(), starts: new Map() };
  for (const { samples } of samplesOf(snapshot, options)) {
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
  return contents;
}

/** Runs a job with every kind, with a sink that notes what the other one gets. */
export async function delivered(name: string, sink: Sink, escaping: 'underscores' | 'allow-utf-8'): Promise<Contents> {
  let contents: Contents | undefined;
  const noting: Sink = {
    name: 'noting',
    async deliver({ snapshot }) {
      contents = contentsOf(snapshot, { escaping, natives: 'beside' });
    },
  };
  const kinds = job({ name, metrics: {}, collectors: everyKind(), run() {} });
  await laterThan(Date.now());
  const result = await executeJob(kinds, { to: [sink, noting] });
  expect(result.delivered).toEqual([{ sink: sink.name }, { sink: 'noting' }]);
  return contents!;
}

/** A sample of the millisecond in which its series began leaves no room for the zero before it. */
export async function laterThan(begun: number): Promise<void> {
  while (Date.now() <= begun) await nextTurn();
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

export async function api<T>(url: string, path: string, parameters: object): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams({ ...parameters })}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`${path}: ${error}`);
  return data;
}

export async function valuesIn(url: string, query: string): Promise<Contents['values']> {
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
export function expectSame(there: Contents['values'], sent: Contents['values']): void {
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
