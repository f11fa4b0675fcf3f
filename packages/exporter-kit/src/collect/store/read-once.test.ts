import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeToString, text } from '../../encode/encode.ts';
import { counter, gauge, histogram, info, stateset, summary, untyped } from '../../metric/declare.ts';
import type { Metric } from '../../metric/metric.ts';
import { joinParts, snapshotOf } from '../scrape/snapshot.ts';
import { countDrops } from './drops.ts';
import { Store } from './store.ts';

const labels = ['a', 'b'];
const kinds: readonly [Metric, value: unknown][] = [
  [gauge({ name: 'm', help: 'x', labels }), 1],
  [counter({ name: 'm_total', help: 'x', labels }), 1],
  [untyped({ name: 'm', help: 'x', labels }), 1],
  [histogram({ name: 'm', help: 'x', labels, buckets: [1] }), { counts: [1, 1], sum: 1 }],
  [summary({ name: 'm', help: 'x', labels, quantiles: [0.5] }), { quantiles: [1], sum: 1, count: 1 }],
  [info({ name: 'm_info', help: 'x', labels }), undefined],
  [stateset({ name: 'm', help: 'x', labels, states: ['up', 'down'] }), 'up'],
];

/** Labels whose value changes each time it is read; `reads` counts how often. */
const shapes: { readonly [what: string]: (reads: { a: number }, order: 'ab' | 'ba') => object } = {
  'a getter': (reads, order) => {
    const changing = { get: () => `${++reads.a % 3}`, enumerable: true };
    return order === 'ab'
      ? Object.defineProperties({}, { a: changing, b: { value: 'x', enumerable: true } })
      : Object.defineProperties({}, { b: { value: 'x', enumerable: true }, a: changing });
  },
  'a proxy': (reads, order) =>
    new Proxy(order === 'ab' ? { a: '', b: '' } : { b: '', a: '' }, {
      get: (_, name) => (name === 'a' ? `${++reads.a % 3}` : 'x'),
    }),
};

describe.each(Object.entries(shapes))('%s as a label', (_what, shape) => {
  it.each(kinds)('is read once a sample, so that no series of $name comes twice', (metric, value) => {
    for (const dynamic of [false, true]) {
      const store = new Store({ title: 'test', metrics: dynamic ? {} : { metric } }, countDrops(false));
      for (let run = 0; run < 4; run++) {
        const writers = store.begin() as { family(m: Metric): Writer; metric: Writer };
        const writer = dynamic ? writers.family(metric) : writers.metric;
        for (let i = 0; i < 7; i++) {
          const reads = { a: i };
          writer.set(shape(reads, i % 2 === 0 ? 'ab' : 'ba'), value);
          expect(reads.a).toBe(i + 1);
        }
        const snapshot = store.snapshot();
        const { columns } = snapshot;
        const body = encodeToString(snapshotOf(joinParts([{ title: 'x', columns, conflict() {} }])), text);
        const series = body.split('\n').filter((line) => /^m.*\{/.test(line));
        expect(new Set(series).size).toBe(series.length);
        expect(columns[0]!.live).toBe(3);
        snapshot.release();
      }
    }
  });
});

interface Writer {
  set(labels: object, value: unknown): void;
}

it('each label is read once, in any key order and beside any predicted row', () => {
  const names = ['a', 'b', 'c'];
  const sample = fc.record({
    order: fc.shuffledSubarray(names, { minLength: 3 }),
    values: fc.tuple(...names.map(() => fc.constantFrom('x', 'y', '1', 1))),
    hidden: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.array(sample, { maxLength: 12 }), { minLength: 2, maxLength: 4 }), (runs) => {
      const metric = gauge({ name: 'm', help: 'x', labels: names });
      const store = new Store({ title: 'test', metrics: { metric }, overwriting: true }, countDrops(true));
      for (const samples of runs) {
        const { metric: writer } = store.begin() as { metric: Writer };
        const expected = new Set<string>();
        for (const { order, values, hidden } of samples) {
          const read: string[] = [];
          const labels = {};
          for (const name of order) {
            const enumerable = !(hidden && name === 'b');
            const get = () => {
              read.push(name);
              return values[names.indexOf(name)];
            };
            Object.defineProperty(labels, name, { get, enumerable });
          }
          writer.set(labels, 1);
          expect(read.sort()).toEqual(names);
          expected.add(`m{${names.map((name, i) => `${name}="${values[i]}"`).join(',')}} 1`);
        }
        const snapshot = store.snapshot();
        const { columns } = snapshot;
        const body = encodeToString(snapshotOf(joinParts([{ title: 'x', columns, conflict() {} }])), text);
        expect(new Set(body.split('\n').filter((line) => line.startsWith('m{')))).toEqual(expected);
        snapshot.release();
      }
    }),
  );
});

it('a getter that writes a sample itself mixes nothing up', () => {
  const metric = gauge({ name: 'm', help: 'x', labels });
  const store = new Store({ title: 'test', metrics: { metric } }, countDrops(false));
  for (let run = 0; run < 2; run++) {
    const { metric: writer } = store.begin() as { metric: Writer };
    const nested = (b: string) => ({
      a: 'outer',
      get b() {
        writer.set(b === '1' ? { b, a: 'inner' } : { a: 'inner', b }, 1);
        return b;
      },
    });
    for (const b of ['1', '2', '3']) writer.set(nested(b), 2);
    const snapshot = store.snapshot();
    const { columns } = snapshot;
    const body = encodeToString(snapshotOf(joinParts([{ title: 'x', columns, conflict() {} }])), text);
    expect(
      body
        .split('\n')
        .filter((line) => line.startsWith('m{'))
        .sort(),
    ).toEqual(['inner', 'outer'].flatMap((a, i) => ['1', '2', '3'].map((b) => `m{a="${a}",b="${b}"} ${i + 1}`)));
    snapshot.release();
  }
});

describe('labels that are declared by a list which is empty at run time', () => {
  const none: string[] = [];
  it.each<[Metric, unknown[], string]>([
    [gauge({ name: 'm', help: 'x', labels: none }), [{}, 5], 'm 5'],
    [counter({ name: 'm_total', help: 'x', labels: none }), [{}, 5], 'm_total 5'],
    [untyped({ name: 'm', help: 'x', labels: none }), [{}, 5], 'm 5'],
    [histogram({ name: 'm', help: 'x', labels: none, buckets: [] }), [{}, { counts: [5], sum: 1 }], 'm_count 5'],
    [summary({ name: 'm', help: 'x', labels: none }), [{}, { quantiles: [], sum: 1, count: 5 }], 'm_count 5'],
    [info({ name: 'm_info', help: 'x', labels: none }), [{}], 'm_info 1'],
    [stateset({ name: 'm', help: 'x', labels: none, states: ['up'] }), [{}, 'up'], 'm{m="up"} 1'],
  ])('take {} before the value ($kind)', (metric, args, line) => {
    for (const given of [args, args.slice(1)]) {
      const store = new Store({ title: 'test', metrics: { metric } }, countDrops(true));
      (store.begin() as { metric: { set(...args: unknown[]): void } }).metric.set(...given);
      const { columns } = store.snapshot();
      const body = encodeToString(snapshotOf(joinParts([{ title: 'x', columns, conflict() {} }])), text);
      expect(body.split('\n')).toContain(line);
    }
  });

  it('add, and take the current time', () => {
    const metric = gauge({ name: 'm', help: 'x', labels: none });
    const store = new Store({ title: 'test', metrics: { metric }, overwriting: true }, countDrops(true));
    const { metric: writer } = store.begin() as {
      metric: { add(labels: object, value: number): void; setToCurrentTime(labels: object): void };
    };
    writer.add({}, 2);
    writer.add({}, 3);
    expect(store.peek()[0]!.vals[0]).toBe(5);
    writer.setToCurrentTime({});
    expect(store.peek()[0]!.vals[0]).toBeGreaterThan(1e9);
  });
});
