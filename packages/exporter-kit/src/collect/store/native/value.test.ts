import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketsOf, decodeFamilies } from '../../../../test/client-model.ts';
import { encodeToBytes } from '../../../encode/encode.ts';
import { protobufs } from '../../../encode/protobuf/page.ts';
import { collector, executeJob, histogram, job, type NativeValue } from '../../../index.ts';
import { MAX_SCHEMA, MIN_SCHEMA } from '../../../metric/native.ts';
import { scrape } from '../../../testing/index.ts';
import { joinParts, snapshotOf } from '../../scrape/snapshot.ts';
import { countDrops } from '../drops.ts';
import { Store } from '../store.ts';

const classic = histogram({ name: 'wait', help: 'x', buckets: [1] });
const bare = histogram({ name: 'size', help: 'x', buckets: [] });

const writing = (native: unknown, more: object = { counts: [1, 2] }) =>
  collector({
    name: 'c',
    metrics: { classic },
    collect: (write) => write.classic.set({ ...more, sum: 4, native } as never),
  });

async function written(native: unknown) {
  const { series } = await scrape(writing(native));
  return series('wait')[0]!.native;
}

describe("a source's native buckets", () => {
  const expected = {
    schema: 0,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    positive: [
      [-2, 3],
      [-1, 5],
      [2, 1],
    ],
    negative: [],
    sum: 4,
    count: 9,
    gauge: false,
  };

  it.each<[string, NativeValue['positive']]>([
    [
      'pairs, in any order, with empty ones',
      [
        [2, 1],
        [-2, 3],
        [0, 0],
        [-1, 5],
      ],
    ],
    ['a map', new Map([[-1, 5], [2, 1], [-2, 3]])], // biome-ignore format: a map is read as pairs
    [
      'spans',
      {
        spans: [
          [-2, 2],
          [2, 1],
        ],
        deltas: [3, 2, -4],
      },
    ],
  ])('are given as %s', async (_what, positive) => {
    expect(await written({ schema: 0, positive })).toEqual(expected);
  });

  it('may have a zero bucket, negative ones, and observations of NaN', async () => {
    const native = { schema: 2, zeroThreshold: 0.5, zeroCount: 4, negative: [[7, 2]], count: 10 };
    expect(await written(native)).toEqual({
      ...expected,
      ...native,
      positive: [],
    });
  });

  it('are all that a histogram without buckets needs', async () => {
    const { text, series } = await scrape(
      collector({
        name: 'c',
        metrics: { bare },
        collect: (write) => write.bare.set({ sum: 7, native: { schema: 0, positive: [[2, 3]] } }),
      }),
    );
    expect(text).toContain('size_bucket{le="+Inf"} 3\nsize_sum 7\nsize_count 3\n');
    expect(series('size')[0]!.native).toMatchObject({ count: 3, sum: 7 });
  });

  const many = Array.from({ length: 4097 }, (_, i) => [i, 1]);
  function* endless() {
    for (let i = 0; ; i++) yield [i, 1];
  }
  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /native must be an object, not null/],
    ['no schema', {}, /native\.schema must be a whole number from -4 to 8/],
    ['a schema out of range', { schema: 9 }, /schema must be .*, not 9/],
    ['a negative threshold', { schema: 0, zeroThreshold: -1 }, /zeroThreshold/],
    ['a count that is none', { schema: 0, zeroCount: Number.NaN }, /zeroCount must be a number from 0/],
    ['a negative count', { schema: 0, positive: [[1, -0.5]] }, /positive must have a number from 0/],
    ['a count too large', { schema: 0, negative: [[1, 2 ** 53]] }, /negative must have a number from 0/],
    ['an index beyond all numbers', { schema: 0, positive: [[1026, 1]] }, /index that is not from -1074 to 1025/],
    ['an index that is no number', { schema: 0, positive: [['1', 1]] }, /index/],
    ['a bucket twice', { schema: 0, positive: [[1, 1], [1, 2]] }, /bucket 1 twice/], // biome-ignore format: a row
    ['no pairs', { schema: 0, positive: [1] }, /pairs, or .* one is 1/],
    ['no list', { schema: 0, positive: 3 }, /must be \[index, count\] pairs/],
    ['too many buckets', { schema: 8, positive: many }, /more than 4096 buckets/],
    ['buckets without end', { schema: 8, positive: { [Symbol.iterator]: endless } }, /more than 4096 buckets/],
    ['too few deltas', { schema: 0, positive: { spans: [[0, 2]], deltas: [1] } }, /as many deltas/],
    ['too many deltas', { schema: 0, positive: { spans: [[0, 1]], deltas: [1, 1] } }, /as many deltas/],
    ['a long span', { schema: 0, positive: { spans: [[0, 2 ** 40]], deltas: [1] } }, /spans of an offset/],
    ['spans that overlap', { schema: 0, positive: { spans: [[0, 1], [-1, 1]], deltas: [1, 1] } }, /spans of an offset/], // biome-ignore format: a row
    ['fewer than its buckets have', { schema: 0, positive: [[0, 3]], count: 2 }, /at least the 3/],
  ])('are refused, with the sample: %s', async (_what, native, why) => {
    await expect(scrape(writing(native))).rejects.toThrow(why);
    const drops = countDrops(false);
    const store = new Store({ title: 'test', metrics: { classic } }, drops);
    (store.begin().classic as { set(value: unknown): void }).set({ counts: [1, 0], sum: 1, native });
    expect([store.snapshot().columns, [...drops.counts]]).toEqual([[], [['invalid_value', 1]]]);
  });

  it('need counts beside them if the histogram declares buckets', async () => {
    await expect(scrape(writing({ schema: 0 }, {}))).rejects.toThrow(/counts must have 2 numbers/);
  });

  it('are of the run that wrote them', async () => {
    let round = 0;
    const h = histogram({ name: 'h', help: 'x', buckets: [], labels: ['l'] });
    const store = new Store({ title: 'test', metrics: { h } }, countDrops(true));
    const natives = () => {
      const writer = store.begin().h as { set(labels: object, value: object): void };
      round++;
      for (const l of ['a', 'b', 'c']) {
        const native = { schema: 0, positive: [[round, 1]] };
        writer.set({ l }, l === 'b' && round === 2 ? { counts: [1], sum: 1 } : { sum: 1, native });
      }
      const [column] = store.snapshot().columns;
      return () => [0, 1, 2].map((row) => column!.nativeOf!(row)?.positive[0]?.[0]);
    };
    const [first, second, third] = [natives(), natives(), natives()];
    expect([first(), second(), third()]).toEqual([
      [1, 1, 1],
      [2, undefined, 2],
      [3, 3, 3],
    ]);
  });

  it('of a job are those of its last set, and none once it has observed more', async () => {
    const natives: unknown[] = [];
    const both = job({
      name: 'nightly',
      metrics: { h: histogram({ name: 'h', help: 'x', buckets: [1], labels: ['l'] }) },
      run({ h }) {
        const value = (index: number) => ({
          counts: [1, 0],
          sum: 1,
          native: { schema: 0, positive: [[index, 1]] as const },
        });
        h.set({ l: 'a' }, value(1));
        h.set({ l: 'a' }, value(2));
        h.set({ l: 'b' }, value(1));
        h.observe({ l: 'b' }, 3);
      },
    });
    const sink = {
      name: 'sink',
      async deliver({ snapshot }: { snapshot: Parameters<typeof encodeToBytes>[0] }) {
        // Those with native buckets, and then those without: one family would fail a scrape.
        const families = decodeFamilies(encodeToBytes(snapshot, protobufs.underscores)).filter(
          ({ name }) => name === 'h',
        );
        for (const { metric } of families) {
          natives.push(
            metric.map(({ histogram }) => [...bucketsOf(histogram!.positiveSpan, histogram!.positiveDelta)]),
          );
        }
      },
    };
    await executeJob(both, { to: [sink] });
    expect(natives).toEqual([[[[2, 1n]]], [[]]]);
  });

  it('come out of protobuf as they went in, whatever they are', () => {
    const count = fc.oneof(fc.nat(3), fc.nat(2 ** 31), fc.integer({ min: 0, max: 2 ** 46 }));
    const native = fc.integer({ min: MIN_SCHEMA, max: MAX_SCHEMA }).chain((schema) => {
      const [low, high] = [Math.ceil(-1074 * 2 ** schema), Math.ceil(1024 * 2 ** schema) + 1];
      const index = fc.oneof(
        fc.integer({ min: -8, max: 8 }),
        fc.integer({ min: low, max: high }),
        fc.constantFrom(low, high),
      );
      const within = index.map((at) => Math.max(low, Math.min(high, at)));
      const side = fc.uniqueArray(fc.tuple(within, count), { selector: ([at]) => at, maxLength: 40 });
      return fc.record({ schema: fc.constant(schema), positive: side, negative: side, zeroCount: count });
    });
    fc.assert(
      fc.property(fc.array(native, { minLength: 1, maxLength: 6 }), (list) => {
        const h = histogram({ name: 'h', help: 'x', buckets: [], labels: ['i'] });
        const store = new Store({ title: 'test', metrics: { h } }, countDrops(true));
        const writer = store.begin().h as { set(labels: object, value: object): void };
        list.forEach((one, i) => void writer.set({ i }, { sum: i, native: one }));
        const { columns } = store.snapshot();
        const snapshot = snapshotOf(joinParts([{ title: 'test', columns, conflict() {} }]));
        const [family] = decodeFamilies(encodeToBytes(snapshot, protobufs.underscores));
        const found = family!.metric.map(({ histogram }) => ({
          schema: histogram!.schema,
          zeroCount: histogram!.zeroCount,
          count: histogram!.sampleCount,
          positive: bucketsOf(histogram!.positiveSpan, histogram!.positiveDelta),
          negative: bucketsOf(histogram!.negativeSpan, histogram!.negativeDelta),
        }));
        const counted = (side: readonly (readonly number[])[]) =>
          new Map(side.filter((pair) => pair[1]! > 0).map(([at, n]) => [at!, BigInt(n!)]));
        const total = (side: readonly (readonly number[])[]) => side.reduce((sum, pair) => sum + BigInt(pair[1]!), 0n);
        expect(found).toEqual(
          list.map(({ schema, zeroCount, positive, negative }) => ({
            schema,
            zeroCount: BigInt(zeroCount),
            count: BigInt(zeroCount) + total(positive) + total(negative),
            positive: counted(positive),
            negative: counted(negative),
          })),
        );
      }),
      { numRuns: 100 },
    );
  });
});
