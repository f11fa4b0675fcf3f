import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classicLines, decodeFamilies, lineOf } from '../../../test/client-model.ts';
import { encodeText, encodeToBytes } from '../../encode/encode.ts';
import { encodeOpenMetrics } from '../../encode/openmetrics.ts';
import { protobufs } from '../../encode/protobuf/page.ts';
import { samplesOf } from '../../encode/samples.ts';
import { counter, gauge, untyped } from '../../metric/declare.ts';
import { joinParts, snapshotOf } from '../scrape/snapshot.ts';
import type { Metrics } from '../writers.ts';
import { countDrops, type Drops } from './drops.ts';
import { Store, type StoreOwner } from './store.ts';

interface AnyWriter {
  set(...args: readonly unknown[]): void;
  add(...args: readonly unknown[]): void;
}

type AnyWriters = { readonly [key: string]: AnyWriter };

function storeOf(metrics: Metrics, options: Partial<StoreOwner> = {}): { store: Store; drops: Drops } {
  const drops = countDrops(false);
  return { store: new Store({ title: 'test', metrics, ...options }, drops), drops };
}

const begin = (store: Store): AnyWriters => store.begin() as AnyWriters;

function linesOf(columns: ReturnType<Store['peek']>, write: typeof encodeText = encodeText): string[] {
  const snapshot = snapshotOf(joinParts([{ title: 'test', columns, conflict() {} }]));
  return write(snapshot, { escaping: 'dots' })
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const many = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => {
    const declared = { name: `m_${String(i).padStart(2, '0')}`, help: 'x' };
    return [`k${i}`, i % 3 === 0 ? untyped(declared) : gauge(declared)];
  }),
);

describe('metrics without labels', () => {
  it('have the values of the run, whatever is written in whichever order, and whatever is still read', () => {
    const run = fc.uniqueArray(fc.tuple(fc.nat(39), fc.double({ noNaN: true })), { selector: ([key]) => key });
    fc.assert(
      fc.property(fc.array(fc.tuple(run, fc.boolean()), { maxLength: 6 }), (runs) => {
        const { store } = storeOf(many, { constLabels: { server: 'a' } });
        const kept = runs.map(([writes, isRead]) => {
          const writers = begin(store);
          for (const [key, value] of writes) writers[`k${key}`]!.set(value);
          const snapshot = store.snapshot();
          const wanted = new Map(writes.map(([key, value]) => [many[`k${key}`]!.name, value + 0]));
          if (!isRead) snapshot.release();
          return { snapshot, wanted, isRead };
        });
        for (const [i, { snapshot, wanted, isRead }] of kept.entries()) {
          // The numbers of one that was released may be overwritten by a later run.
          if (!isRead && i < kept.length - 1) continue;
          const whole = snapshotOf(joinParts([{ title: 'test', columns: snapshot.columns, conflict() {} }]));
          const found = [...samplesOf(whole)].flatMap(({ samples }) => [...samples]);
          expect(new Map(found.map(({ name, value }) => [name, value]))).toEqual(wanted);
          expect(found.every(({ labels }) => labels.server === 'a')).toBe(true);
          expect(linesOf([...snapshot.columns])).toHaveLength(wanted.size);
          const lines = found.map(({ name, labels, value }) => lineOf(name, Object.entries(labels), value));
          expect(classicLines(decodeFamilies(encodeToBytes(whole, protobufs['allow-utf-8'])))).toEqual(lines);
          expect(snapshot.columns.map(({ metric }) => metric.name)).toEqual([...wanted.keys()].sort());
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are counted and refused one by one', () => {
    const metrics = { total: counter({ name: 'reads_total', help: 'x' }), size: gauge({ name: 'size', help: 'x' }) };
    const { store, drops } = storeOf(metrics, { maxSeries: 2 });
    const { total, size } = begin(store);
    total!.set(-1);
    total!.set({ zone: 'a' }, 1);
    total!.set({}, Number.MAX_VALUE);
    total!.add(Number.MAX_VALUE);
    total!.add({}, 0);
    size!.set(1);
    size!.set(2);
    expect(linesOf(store.peek())).toEqual(['reads__total 1.7976931348623157e+308', 'size 1']);
    expect(Object.fromEntries(drops.counts)).toEqual({ invalid_value: 2, extra_label: 1, duplicate: 1 });
    const again = begin(store);
    total!.set(5);
    again.size!.set(3);
    expect(linesOf(store.peek())).toEqual(['size 3']);
    expect(drops.counts.get('late')).toBe(1);
  });

  it('count as series, and may be written again in a job', () => {
    const metrics = { a: gauge({ name: 'a', help: 'x' }), b: gauge({ name: 'b', help: 'x' }) };
    const { store, drops } = storeOf(metrics, { maxSeries: 1, overwriting: true });
    const { a, b } = begin(store);
    a!.set(1);
    a!.set(2);
    b!.set(1);
    expect(linesOf(store.peek())).toEqual(['a 2']);
    expect(drops.counts.get('over_budget')).toBe(1);
  });

  it('keep their names apart where names are escaped, and their exemplars', () => {
    const waive = { syntax: 'a name that is escaped' };
    const metrics = {
      a: gauge({ name: 'first.name', help: 'x', waive }),
      b: counter({ name: 'second.name_total', help: 'x', waive }),
      c: counter({ name: 'third_total', help: 'x' }),
    };
    const { store } = storeOf(metrics);
    const { a, b, c } = begin(store);
    c!.set({}, 3, { labels: { trace_id: '1' }, value: 1, timestampMs: 1000 });
    b!.set(2);
    a!.set(1);
    const columns = store.peek();
    expect(linesOf(columns)).toEqual(['first_dot_name 1', 'second_dot_name__total 2', 'third__total 3']);
    expect(linesOf(columns, encodeOpenMetrics)).toEqual([
      'first_dot_name 1',
      'second_dot_name__total 2',
      'third__total 3 # {trace_id="1"} 1 1',
    ]);
  });
});
