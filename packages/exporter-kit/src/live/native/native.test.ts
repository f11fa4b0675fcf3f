import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativeCounts, NativeSide } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, nativeOfCounts, nativeSpans } from '../../collect/store/native/buckets.ts';
import { histogram, live } from '../../index.ts';
import { NATIVE, type NativeShape } from '../../metric/native.ts';
import { scrape } from '../../testing/index.ts';
import { nativeIndex } from './bucket-index.ts';
import { NativeCells } from './cells.ts';
import { nativeIncrease } from './increase.ts';
import { ownMemory } from './memory.ts';
import { mergedNatives } from './merged.ts';
import { PAGE } from './windows.ts';

const sizes = (native: boolean | Partial<NativeShape> = true) => {
  const { size, collector } = live({
    name: 'sizes',
    metrics: { size: histogram({ name: 'size', help: 'Sizes.', labels: ['of'], buckets: [-1, 0, 1], native }) },
  });
  const frozen = () => collector.feed!.freeze({ natives: true }).families[0]!;
  return { size, collector, frozen, native: (row = 0): NativeCounts => frozen().nativeOf!(row) };
};

function observed(values: readonly number[], native: Partial<NativeShape> = {}): NativeCounts {
  const { size, native: counted } = sizes(native);
  const bound = size.with({ of: 'a' });
  for (const value of values) bound.observe(value);
  return counted();
}

const total = (side: NativeSide): number => side.reduce((sum, count, i) => (i % 2 === 0 ? sum : sum + count), 0);
const totalOf = ({ zeroCount, positive, negative }: NativeCounts): number =>
  zeroCount + total(positive) + total(negative);

/** Counts by index, one by one. */
function model(values: readonly number[], schema: number, zeroThreshold = 2 ** -128): Omit<NativeCounts, 'schema'> {
  const side = (sign: number): NativeSide => {
    const counts = new Map<number, number>();
    for (const v of values) {
      if (!(v * sign > zeroThreshold)) continue;
      const index = nativeIndex(v * sign, schema);
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    return [...counts].sort(([a], [b]) => a - b).flat();
  };
  const zeroCount = values.filter((v) => Math.abs(v) <= zeroThreshold).length;
  return { zeroThreshold, zeroCount, positive: side(1), negative: side(-1) };
}

/** The finest schema, from `start` down, in which no more buckets have counts. */
function schemaFor(values: readonly number[], start: number, maxBuckets: number): number {
  for (let schema = start; schema > -4; schema--) {
    const buckets = values
      .filter((v) => Math.abs(v) > 2 ** -128)
      .map((v) => `${v < 0}${nativeIndex(Math.abs(v), schema)}`);
    if (new Set(buckets).size <= maxBuckets) return schema;
  }
  return -4;
}

const value = fc.oneof(
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 2 ** -1030, 2 ** -128, -(2 ** -128), 1, -1, 2, 1e300),
);
const shape = fc.record({ schema: fc.integer({ min: -4, max: 8 }), maxBuckets: fc.constantFrom(1, 4, 20, 160, 512) });
const few = { numRuns: 80 };

describe('the native counts of a live histogram', () => {
  // Observations and results of client_golang's own tests; each factor there stands for a schema.
  const many = [0.0156251, 0.0625, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 3.5, 5, 6, 7, 33.33];
  const low = [0, 1, 1.2, 1.4, 1.8, 2];
  const both = [...low, -1, -1.2, -1.4, -1.8, -2];
  const five = { spans: [[0, 5]], deltas: [1, -1, 2, -2, 2] };
  const none = { spans: [], deltas: [] };
  it.each([
    [
      'factor 1.1',
      [0, 1, 2, 3],
      { schema: 3 },
      1,
      {
        spans: [
          [0, 1],
          [7, 1],
          [4, 1],
        ],
        deltas: [1, 0, 0],
      },
      none,
    ],
    ['factor 1.2', low, { schema: 2 }, 1, five, none],
    ['factor 4', many, { schema: -1 }, 0, { spans: [[-2, 6]], deltas: [2, 0, 0, 2, -1, -2] }, none],
    ['factor 17', many, { schema: -2 }, 0, { spans: [[-1, 4]], deltas: [2, 2, 3, -6] }, none],
    ['negative values', low.map((v) => -v), { schema: 2 }, 1, none, five],
    ['both signs', both, { schema: 2 }, 1, five, five],
    [
      'a wide zero bucket',
      both,
      { schema: 2, zeroThreshold: 1.4 },
      7,
      { spans: [[4, 1]], deltas: [2] },
      { spans: [[4, 1]], deltas: [2] },
    ],
    // Gaps of two buckets and of three.
    [
      'gaps',
      [1, 8, 128],
      { schema: 0 },
      0,
      {
        spans: [
          [0, 4],
          [3, 1],
        ],
        deltas: [1, -1, 0, 1, 0],
      },
      none,
    ],
    ['no values', [], { schema: 3 }, 0, none, none],
    ['no values, zero threshold 0', [], { schema: 3, zeroThreshold: 0 }, 0, { spans: [[0, 0]], deltas: [] }, none],
  ])('are those of client_golang: %s', (_what, values, native, zeroCount, positive, negative) => {
    const counts = observed(values, native);
    expect(counts).toMatchObject({ schema: native.schema, zeroCount });
    expect(nativeSpans(nativeOfCounts(counts, 0))).toEqual({ positive, negative });
  });

  it('are those of each value, in the finest resolution that fits, whatever the values', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), shape, (values, { schema: start, maxBuckets }) => {
        const schema = schemaFor(values, start, maxBuckets);
        expect(observed(values, { schema: start, maxBuckets })).toEqual({ schema, ...model(values, schema) });
      }),
      few,
    );
  });

  it('have the total of the classic buckets, and the text is that of a histogram without them', async () => {
    const calls = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), value, fc.nat(9)), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(calls, shape, async (made, native) => {
        const [counting, plain] = [sizes(native), sizes(false)];
        for (const [of, v, removes] of made) {
          for (const { size } of [counting, plain]) {
            if (removes === 0) size.remove({ of });
            else size.observe({ of }, v);
          }
        }
        const { ids, vals, cells, nativeOf } = counting.frozen();
        ids.forEach((id, row) => {
          const classic = vals.subarray(row * cells, (row + 1) * cells - 1).reduce((sum, count) => sum + count, 0);
          if (id !== 0) expect(totalOf(nativeOf!(row))).toBe(classic);
        });
        expect(plain.frozen().nativeOf).toBeUndefined();
        expect((await scrape(counting.collector)).text).toBe((await scrape(plain.collector)).text);
      }),
      few,
    );
  });

  it('leave out what was refused', async () => {
    const { size, collector, native } = sizes();
    for (const wrong of [Number.NaN, Infinity, -Infinity, '3']) size.observe({ of: 'a' }, wrong as never);
    size.observe({ of: 'a' }, 3);
    await expect(scrape(collector)).rejects.toThrow('finite');
    expect(totalOf(native())).toBe(1);
  });

  it('do not change once they are frozen', () => {
    const { size, frozen } = sizes();
    for (const v of [0, 1, -1]) size.observe({ of: 'a' }, v);
    const { nativeOf } = frozen();
    const then = nativeOf!(0);
    for (let v = -1e6; v < 1e6; v += 1e3) size.observe({ of: 'a' }, v);
    size.remove({ of: 'a' });
    expect(nativeOf!(0)).toEqual(then);
    expect(totalOf(then)).toBe(3);
  });

  it('are copied only for a reader that asks for them', () => {
    const { size, collector } = sizes();
    size.observe({ of: 'a' }, 1);
    expect(collector.feed!.freeze().families[0]!.nativeOf).toBeUndefined();
  });

  it('begin at 0, in the declared resolution, when a removed series returns; bound or not', () => {
    const { size, native } = sizes({ maxBuckets: 3 });
    const bound = size.with({ of: 'a' });
    for (const v of [1, 100, -1, -100, 0]) bound.observe(v);
    expect(native().schema).toBeLessThan(3);
    size.remove({ of: 'a' });
    expect(native()).toEqual({ schema: 3, ...model([], 3) });
    bound.observe(2);
    expect(native()).toEqual({ schema: 3, ...model([2], 3) });
    size.remove({ of: 'a' });
    size.observe({ of: 'b' }, 5);
    expect(native(1)).toEqual({ schema: 3, ...model([5], 3) });
  });

  it('of a histogram without buckets are counted too', async () => {
    const { took, collector } = live({
      name: 'shop',
      metrics: { took: histogram({ name: 'took_seconds', help: 'Took.', unit: 'seconds', buckets: [] }) },
    });
    for (const v of [0.5, 1, 2]) took.observe(v);
    const { series } = await scrape(collector);
    expect(['_bucket', '_sum', '_count'].map((end) => series(`took_seconds${end}`).map((s) => s.value))).toEqual([
      [3],
      [3.5],
      [3],
    ]);
    expect(collector.feed!.freeze({ natives: true }).families[0]!.nativeOf!(0)).toEqual({
      schema: 3,
      ...model([0.5, 1, 2], 3),
    });
  });
});

describe('the memory of native counts', () => {
  it('is what was needed at once: none before the first value, and none that is not used again', () => {
    const made: string[] = [];
    const cells = new NativeCells(NATIVE);
    cells.move({ ...ownMemory, make: (part, i) => ownMemory.make(part, made.push(part) && i) });
    const fill = (): void => {
      for (const v of [1, 1.1, 2, 9, 1e3, 1e30, -1, -1e30]) cells.count(0, v);
      const counts = cells.freeze()(0);
      cells.add(0, { ...counts, positive: [0, 2 ** 32] });
    };
    expect(made).toEqual([]);
    cells.count(0, 0);
    expect(made).toEqual(['zeros']);
    cells.count(0, 1);
    expect(made).toEqual(['zeros', 'positive', 'pages']);
    fill();
    const { length } = made;
    for (let i = 0; i < 100; i++) {
      cells.clear(0);
      fill();
    }
    expect(made.length).toBe(length);
  });

  it.each([1, -1])('is two words for each bucket at most, however far apart they are: signs of %d', (sign) => {
    let pages = 0;
    const cells = new NativeCells({ ...NATIVE, schema: 8 });
    cells.move({ ...ownMemory, make: (part, i) => ownMemory.make(part, part === 'pages' ? pages++ : i) });
    for (let row = 0; row < 64; row++) {
      for (let i = 0; i < 160; i++) cells.count(row, (i % 2 === 0 ? 1 : sign) * 2 ** (7 * i - 120));
      const { schema, positive, negative } = cells.freeze()(row);
      expect([schema, positive.length + negative.length]).toEqual([8, 320]);
    }
    expect(pages * PAGE).toBeLessThanOrEqual(64 * 2 * 160 * 1.4);
  });
});

describe('native counts above 2^32', () => {
  it.each([4, 1e6])('are carried, through a wider window, a coarser resolution and other memory too: %d', (next) => {
    const cells = new NativeCells({ ...NATIVE, maxBuckets: 5 });
    const most = 2 ** 32 - 1;
    const part = { schema: 3, zeroThreshold: NATIVE.zeroThreshold, zeroCount: 2 ** 33, negative: NO_BUCKETS };
    cells.add(70, { ...part, positive: [0, most, 2, 2 ** 40 + 5, 3, most] });
    const values = [1, 1, 1.05, 1.18, 1.28, 0];
    for (const v of values) cells.count(70, v);
    const counts = [0, 2 ** 32 + 1, 1, 1, 2, 2 ** 40 + 6, 3, 2 ** 32];
    const expected = { ...part, zeroCount: 2 ** 33 + 1, positive: counts };
    const frozen = cells.freeze();
    cells.move(ownMemory);
    expect([frozen(70), cells.freeze()(70)]).toEqual([expected, expected]);
    cells.count(70, next);
    expect(total(cells.freeze()(70).positive)).toBe(total(expected.positive) + 1);
    cells.count(70, 1e30);
    const { schema, positive } = cells.freeze()(70);
    expect([schema, total(positive)]).toEqual([2, total(expected.positive) + 2]);
    cells.clear(70);
    cells.count(70, 1);
    expect(cells.freeze()(70)).toEqual({ ...part, zeroCount: 0, positive: [0, 1] });
    expect(frozen(70)).toEqual(expected);
  });
});

describe('an increase', () => {
  const at = (schema: number, counts: readonly number[], first = 1): NativeCounts => ({
    schema,
    zeroThreshold: 0,
    zeroCount: counts.length,
    positive: counts.flatMap((count, i) => (count === 0 ? [] : [first + i, count])),
    negative: NO_BUCKETS,
  });

  it('is what was counted since, in the resolution of now', () => {
    const more = { zeroThreshold: 0, zeroCount: 0, negative: [] };
    expect(nativeIncrease(at(3, [1, 0, 5, 2]), at(3, [1, 0, 2, 2]))).toEqual({ ...more, schema: 3, positive: [3, 3] });
    expect(nativeIncrease(at(2, [4, 1]), at(3, [1, 2]))).toEqual({ ...more, schema: 2, positive: [1, 1, 2, 1] });
    expect(nativeIncrease(at(3, [1]), at(3, [1]))).toEqual({ ...more, schema: 3, positive: [] });
  });

  it('is none where there was more before, or a coarser resolution', () => {
    expect(nativeIncrease(at(3, [1]), at(3, [2]))).toBeUndefined();
    expect(nativeIncrease(at(3, [1]), at(3, [1], 2))).toBeUndefined();
    expect(nativeIncrease(at(3, [1]), at(3, [1, 1]))).toBeUndefined();
    expect(nativeIncrease(at(3, [5]), at(2, [1]))).toBeUndefined();
    expect(nativeIncrease({ ...at(3, [5]), zeroCount: 0 }, at(3, [5]))).toBeUndefined();
  });
});

describe('merged natives', () => {
  it('are the counts of all values, in one resolution that fits', () => {
    const parts = fc.array(fc.tuple(fc.array(value, { maxLength: 20 }), fc.integer({ min: -4, max: 8 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(parts, fc.constantFrom(4, 20, 160), (all, maxBuckets) => {
        const merged = mergedNatives(
          all.map(([values, schema]) => observed(values, { schema, maxBuckets })),
          { maxBuckets, maxZeroThreshold: 0 },
        );
        const values = all.flatMap(([each]) => each);
        const schema = schemaFor(values, Math.min(...all.map(([, each]) => each)), maxBuckets);
        expect(merged).toEqual({ schema, ...model(values, schema) });
      }),
      few,
    );
  });
});
