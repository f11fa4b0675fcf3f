import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeToString, text } from '../../encode/encode.ts';
import { counter, gauge, histogram, stateset, summary } from '../../metric/declare.ts';
import { joinParts, snapshotOf } from '../scrape/snapshot.ts';
import type { Metrics } from '../writers.ts';
import { countDrops, type Drops } from './drops.ts';
import { Store, type StoreSnapshot } from './store.ts';

const depth = gauge({ name: 'depth', help: 'x', labels: ['queue', 'node'] });

// biome-ignore lint/suspicious/noExplicitAny: tests hand over what types forbid.
type Any = any;

function storeOf(metrics: Metrics, strict = true): { store: Store; drops: Drops; begin: () => Any } {
  const drops = countDrops(strict);
  const store = new Store({ title: 'test', metrics }, drops);
  return { store, drops, begin: () => store.begin() };
}

function lines(frozen: StoreSnapshot): string[] {
  const families = joinParts([{ title: 'test', columns: frozen.columns, conflict() {} }]);
  const body = encodeToString(snapshotOf(families), text);
  return body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a run', () => {
  it('holds what it set and nothing of the one before', () => {
    const { store, begin } = storeOf({ depth });
    const first = begin();
    first.depth.set({ queue: 'a', node: 'x' }, 1);
    first.depth.set({ queue: 'b', node: 'x' }, 2);
    const one = store.snapshot();
    expect(lines(one)).toEqual(['depth{queue="a",node="x"} 1', 'depth{queue="b",node="x"} 2']);
    one.release();
    begin().depth.set({ queue: 'b', node: 'x' }, 3);
    expect(lines(store.snapshot())).toEqual(['depth{queue="b",node="x"} 3']);
  });

  it('leaves an earlier answer as it was while someone still reads it', () => {
    const { store, begin } = storeOf({ depth });
    begin().depth.set({ queue: 'a', node: 'x' }, 1);
    const read = store.snapshot();
    for (let run = 2; run < 5; run++) {
      const { depth: writer } = begin();
      writer.set({ queue: 'a', node: 'x' }, run);
      writer.set({ queue: `new-${run}`, node: 'x' }, run);
      store.snapshot().release();
    }
    expect(lines(read)).toEqual(['depth{queue="a",node="x"} 1']);
  });

  it('takes nothing after its end, and counts that', () => {
    const { store, drops, begin } = storeOf({ depth });
    const { depth: late } = begin();
    store.end();
    late.set({ queue: 'a', node: 'x' }, 1);
    const { depth: writer } = begin();
    late.set({ queue: 'b', node: 'x' }, 1);
    writer.set({ queue: 'c', node: 'x' }, 1);
    expect(lines(store.snapshot())).toEqual(['depth{queue="c",node="x"} 1']);
    expect(drops.counts.get('late')).toBe(2);
  });
});

describe('a sample that can not be written', () => {
  const state = gauge({ name: 'state', help: 'x', labels: { state: ['up', 'down'] } });
  const total = counter({ name: 'reads_total', help: 'x' });
  const wait = histogram({ name: 'wait', help: 'x', buckets: [1, 2] });
  const sizes = summary({ name: 'sizes', help: 'x', quantiles: [0.5] });
  const link = stateset({ name: 'link', help: 'x', states: ['a', 'b'] });
  const metrics = { depth, state, total, wait, sizes, link };
  const boom = (): never => {
    throw new Error('boom');
  };
  const getter = (name: string): object => Object.defineProperty({}, name, { enumerable: true, get: boom });
  const revoked = (): Any => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  };
  const cases: [string, string, (w: Any) => void, RegExp][] = [
    [
      'an extra label',
      'extra_label',
      (w) => w.depth.set({ queue: 'a', node: 'b', zone: 'c' }, 1),
      /"zone" is not declared/,
    ],
    [
      'two extra labels, one missing and a value that is no label',
      'extra_label',
      (w) => w.depth.set({ zone: 'c', area: 'd', queue: null }, 1),
      /^depth\{queue="null"\}: label "zone" is not declared/,
    ],
    ['an extra label without a declared one', 'extra_label', (w) => w.total.set({ zone: 'c' }, 1), /"zone" is not/],
    ['a missing label', 'missing_label', (w) => w.depth.set({ queue: 'a' }, 1), /"node" is missing/],
    [
      'an inherited label',
      'missing_label',
      (w) => w.depth.set(Object.create({ queue: 'a', node: 'b' }), 1),
      /is missing/,
    ],
    ['null as a label', 'invalid_label', (w) => w.depth.set({ queue: null, node: 'b' }, 1), /not null/],
    [
      'an object as a label',
      'invalid_label',
      (w) => w.depth.set({ queue: {}, node: 'b' }, 1),
      /depth\{queue=object,node="b"\}.* not object/,
    ],
    ['a bigint', 'invalid_value', (w) => w.total.set(5n), /a number of 0 or more, not 5n\./],
    [
      'a label that has no text',
      'invalid_label',
      (w) => w.depth.set({ queue: Object.create(null), node: 'b' }, 1),
      /label "queue" must be a string, number or boolean, not object/,
    ],
    [
      'a label whose text throws',
      'invalid_label',
      (w) => w.depth.set({ queue: { toString: boom, valueOf: boom }, node: 'b' }, 1),
      /not object/,
    ],
    ['a symbol as a label', 'invalid_label', (w) => w.depth.set({ queue: Symbol('q'), node: 'b' }, 1), /not symbol/],
    ['a label that throws', 'invalid_label', (w) => w.depth.set(getter('queue'), 1), /can't be read: boom/],
    ['labels that throw', 'invalid_label', (w) => w.depth.set(new Proxy({}, { ownKeys: boom, get: boom }), 1), /boom/],
    ['labels of a revoked proxy', 'invalid_label', (w) => w.depth.set(revoked(), 1), /can't be read: .*revoked/],
    ['a wrong value beside such labels', 'invalid_value', (w) => w.depth.set(revoked(), 'x'), /not string/],
    ['a value that has no number', 'invalid_value', (w) => w.total.set({ valueOf: boom }), /not object/],
    [
      'counts that throw',
      'invalid_value',
      (w) =>
        w.wait.set({
          get counts() {
            return boom();
          },
          sum: 1,
        }),
      /boom/,
    ],
    [
      'a count that throws',
      'invalid_value',
      (w) => w.wait.set({ counts: new Proxy([1, 2, 3], { get: boom }), sum: 1 }),
      /boom/,
    ],
    [
      'quantiles of a revoked proxy',
      'invalid_value',
      (w) => w.sizes.set({ quantiles: revoked(), sum: 1, count: 1 }),
      /revoked/,
    ],
    ['a state that has no text', 'invalid_value', (w) => w.link.set(Object.create(null)), /a value of type object/],
    ['no labels at all', 'invalid_label', (w) => w.depth.set(undefined, 1), /labels must be an object/],
    ['a label outside its values', 'invalid_label', (w) => w.state.set({ state: 'odd' }, 1), /must be one of up, down/],
    ['a string as value', 'invalid_value', (w) => w.depth.set({ queue: 'a', node: 'b' }, '1'), /not string/],
    ['a bigint as value', 'invalid_value', (w) => w.depth.set({ queue: 'a', node: 'b' }, 12n), /not 12/],
    ['a negative counter', 'invalid_value', (w) => w.total.set(-1), /0 or more, not -1/],
    ['a counter that is no number', 'invalid_value', (w) => w.total.set(Number.NaN), /not NaN/],
    ['too few buckets', 'invalid_value', (w) => w.wait.set({ counts: [1, 2], sum: 3 }), /counts must have 3/],
    ['a negative bucket', 'invalid_value', (w) => w.wait.set({ counts: [1, -2, 1], sum: 3 }), /non-negative/],
    ['no quantiles', 'invalid_value', (w) => w.sizes.set({ sum: 1, count: 1 }), /quantiles must have 1/],
    ['an unknown state', 'invalid_value', (w) => w.link.set('c'), /"c" is not one of its states a, b/],
  ];

  it.each(cases)('%s throws under test and is counted as %s otherwise', (_what, reason, write, message) => {
    expect(() => write(storeOf(metrics).begin())).toThrow(message);
    const { store, drops, begin } = storeOf(metrics, false);
    write(begin());
    expect(drops.counts).toEqual(new Map([[reason, 1]]));
    expect(drops.first.get(reason as never)).toMatch(message);
    expect(lines(store.snapshot())).toEqual([]);
  });

  it.each(cases)('%s costs that sample alone, also beside a row that is expected', (_what, reason, write) => {
    const { store, drops, begin } = storeOf(metrics, false);
    for (const run of [1, 2]) {
      const w = begin();
      w.depth.set({ queue: 'a', node: 'b' }, run);
      write(w);
      w.depth.set({ queue: 'c', node: 'b' }, run);
      expect(lines(store.snapshot())).toEqual([`depth{queue="a",node="b"} ${run}`, `depth{queue="c",node="b"} ${run}`]);
      expect(drops.counts).toEqual(new Map([[reason, run]]));
    }
  });

  it('keeps sources apart that differ only in a label which is not declared', () => {
    const { store, drops, begin } = storeOf({ depth }, false);
    const w = begin();
    w.depth.set({ queue: 'a', node: 'b', zone: 'eu' }, 1);
    w.depth.set({ queue: 'a', node: 'b', zone: 'us' }, 2);
    expect(lines(store.snapshot())).toEqual([]);
    expect(drops.counts).toEqual(new Map([['extra_label', 2]]));
    expect(drops.first.get('extra_label')).toBe(
      'depth{queue="a",node="b"}: label "zone" is not declared; declare it or leave it out.',
    );
  });

  it('is over budget with the limit in the message, and leaves nothing behind in memory', () => {
    const drops = countDrops(false);
    const store = new Store({ title: 'test', metrics: { depth }, maxSeries: 2 }, drops);
    const w = store.begin() as Any;
    for (let i = 0; i < 1000; i++) w.depth.set({ queue: `${i}`, node: 'b' }, i);
    const frozen = store.snapshot();
    expect(lines(frozen)).toEqual(['depth{queue="0",node="b"} 0', 'depth{queue="1",node="b"} 1']);
    expect(frozen.columns[0]!.rows).toBe(2);
    expect(drops.counts).toEqual(new Map([['over_budget', 998]]));
    expect(drops.first.get('over_budget')).toBe(
      `depth{queue="2",node="b"}: exceeds its collector's limit of 2 series; raise maxSeries or write fewer.`,
    );
  });

  it('is a duplicate when its series was written before, however the labels are spelt', () => {
    const { store, drops, begin } = storeOf(metrics, false);
    const w = begin();
    w.depth.set({ queue: '1', node: 'x' }, 1);
    w.depth.set({ queue: 1, node: 'x' }, 2);
    w.depth.set({ node: 'x', queue: '1' }, 3);
    w.depth.set({ queue: 'a\ud800', node: 'x' }, 4);
    w.depth.set({ queue: 'a\ufffd', node: 'x' }, 5);
    w.total.set(1);
    w.total.set(2);
    expect(drops.counts.get('duplicate')).toBe(4);
    expect(lines(store.snapshot())).toEqual([
      'depth{queue="1",node="x"} 1',
      'depth{queue="a\ufffd",node="x"} 4',
      'reads_total 1',
    ]);
  });
});

describe('families known only at run time', () => {
  it('are kept across runs, may change their shape between runs, and not within one', () => {
    const { store, drops, begin } = storeOf({}, false);
    const one = begin();
    const writer = one.family(gauge({ name: 'a', help: 'x', labels: ['l'] }));
    writer.set({ l: '1' }, 1);
    expect(one.family(gauge({ name: 'a', help: 'x', labels: ['l'] }))).toBe(writer);
    for (let i = 0; i < 3; i++) one.family(gauge({ name: 'a', help: 'x' })).set(7);
    expect(drops.counts).toEqual(new Map([['family_conflict', 3]]));
    expect(lines(store.snapshot())).toEqual(['a{l="1"} 1']);
    begin()
      .family(gauge({ name: 'a', help: 'x' }))
      .set(2);
    expect(lines(store.snapshot())).toEqual(['a 2']);
    begin();
    expect(lines(store.snapshot())).toEqual([]);
  });
});

const key = fc.constantFrom(
  'a',
  'b',
  'c',
  'ab',
  '',
  '\n',
  '"',
  '\\',
  '__proto__',
  'constructor',
  'é',
  '😀',
  '\ud800',
  'a\u0000b',
  'x'.repeat(300),
);
const step = fc.record({ queue: key, node: key, flip: fc.boolean(), value: fc.integer() });

it('agrees with a plain map, whatever the order, insertions, deletions and duplicates', () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { maxLength: 40 }), { minLength: 1, maxLength: 12 }), (runs) => {
      const { store, drops, begin } = storeOf({ depth }, false);
      for (const steps of runs) {
        const model = new Map<string, number>();
        let duplicates = 0;
        const before = drops.counts.get('duplicate') ?? 0;
        const { depth: writer } = begin();
        for (const { queue, node, flip, value } of steps) {
          writer.set(flip ? { node, queue } : { queue, node }, value);
          const id = JSON.stringify([queue.toWellFormed(), node.toWellFormed()]);
          if (model.has(id)) duplicates++;
          else model.set(id, value);
        }
        const escaped = (s: string): string =>
          s.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
        const expected = [...model].map(([id, value]) => {
          const [queue, node] = JSON.parse(id) as [string, string];
          return `depth{queue="${escaped(queue)}",node="${escaped(node)}"} ${value}`;
        });
        expect(lines(store.snapshot()).sort()).toEqual(expected.sort());
        expect((drops.counts.get('duplicate') ?? 0) - before).toBe(duplicates);
      }
    }),
    { numRuns: 300 },
  );
});

it('forgets series that are gone', () => {
  const { store, begin } = storeOf({ depth });
  let most = 0;
  for (let run = 0; run < 60; run++) {
    const { depth: writer } = begin();
    for (let i = 0; i < 1000; i++) writer.set({ queue: `q${run * 100 + i}`, node: 'x' }, i);
    const frozen = store.snapshot();
    expect(frozen.columns[0]!.live).toBe(1000);
    most = Math.max(most, frozen.columns[0]!.rows);
    frozen.release();
  }
  expect(most).toBeLessThan(3000);
});
