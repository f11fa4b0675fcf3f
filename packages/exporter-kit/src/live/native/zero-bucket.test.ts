import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeReference as reference } from '../../../test/native-reference.ts';
import type { NativeCounts } from '../../collect/store/frozen.ts';
import { NO_BUCKETS, nativeOfCounts, nativeSpans } from '../../collect/store/native/buckets.ts';
import { NATIVE, type NativeShape } from '../../metric/native.ts';
import { increaseOf, reportNative } from '../across/process/native-report.ts';
import { nativeBound } from './bucket-index.ts';
import { NativeCells } from './cells.ts';
import { nativeDifference } from './increase.ts';
import { ownMemory } from './memory.ts';
import { mergedNatives } from './merged.ts';

function counted(values: readonly number[], shape: Partial<NativeShape>): NativeCounts {
  const cells = new NativeCells({ ...NATIVE, ...shape });
  for (const value of values) cells.count(0, value);
  return cells.freeze()(0);
}

const value = fc.oneof(
  fc.double({ min: 0.5, max: 3, noNaN: true }),
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }),
  fc.constantFrom(0, 5e-324, -5e-324, 2 ** -1030, 2 ** -128, 1, -1, 2, 1e-9, -1e-9, Number.MAX_VALUE),
);
const shape = fc.record({
  resetAfterMs: fc.constant(Infinity),
  schema: fc.integer({ min: -4, max: 8 }),
  maxBuckets: fc.constantFrom(1, 4, 20, 160),
  zeroThreshold: fc.constantFrom(2 ** -128, 0, 1e-3),
  maxZeroThreshold: fc.oneof(
    fc.constantFrom(0, 5e-324, 3e-310, 1e-6, 1, 1.2, 2, Number.MAX_VALUE),
    fc.double({ min: 0, max: 4, noNaN: true }),
  ),
});
const lists = fc.array(value, { maxLength: 40 });

describe('a histogram whose zero bucket may be widened', () => {
  const low = [0, 1, 1.1, 1.2, 1.4, 1.8, 2, 3];
  const mirrored = low.map((v) => -v);
  const five = { spans: [[0, 5]], deltas: [1, 2, -1, -2, 1] };
  const fiveFine = { spans: [[0, 5]], deltas: [1, -1, 2, -2, 2] };
  const seven = { spans: [[1, 7]], deltas: [1, 1, -2, 2, -2, 0, 1] };
  const none = { spans: [], deltas: [] };
  // Of client_golang's own tests.
  it.each([
    ['halved', low, { maxBuckets: 4 }, { schema: 1, zeroCount: 1, zeroThreshold: 2 ** -128 }, five, none],
    [
      'widened',
      low,
      { maxBuckets: 4, maxZeroThreshold: 1.2 },
      { schema: 2, zeroCount: 2, zeroThreshold: 1 },
      seven,
      none,
    ],
    [
      'widened twice',
      [...low, 4],
      { maxBuckets: 4, maxZeroThreshold: 1.2 },
      { schema: 2, zeroCount: 3, zeroThreshold: nativeBound(1, 2) },
      { spans: [[2, 7]], deltas: [2, -2, 2, -2, 0, 1, 0] },
      none,
    ],
    ['not over the limit', [0, 1, 1.2, 1.4, 1.8, 2], { maxBuckets: 4 }, { schema: 2 }, fiveFine, none],
    ['halved, negative', mirrored, { maxBuckets: 4 }, { schema: 1, zeroCount: 1 }, none, five],
    ['too wide', low, { maxBuckets: 4, maxZeroThreshold: 0.9 }, { schema: 1, zeroCount: 1 }, five, none],
    [
      'negative',
      mirrored,
      { maxBuckets: 4, maxZeroThreshold: 1.2 },
      { schema: 2, zeroCount: 2, zeroThreshold: 1 },
      none,
      seven,
    ],
  ])('counts as client_golang does: %s', (_what, values, limits, expected, positive, negative) => {
    const counts = counted(values, { schema: 2, ...limits });
    expect(counts).toMatchObject(expected);
    expect(nativeSpans(nativeOfCounts(counts, 0))).toEqual({ positive, negative });
  });

  it('counts what the values say, in any order, whatever the limits', () => {
    fc.assert(
      fc.property(lists, shape, (values, limits) => {
        expect(counted(values, limits)).toEqual(reference(values, limits));
      }),
      { numRuns: 200 },
    );
  });

  it('is the sum of its parts: threads, and what is handed over', () => {
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 4 }), shape, (parts, limits) => {
        const whole = reference(parts.flat(), limits);
        const counts = parts.map((values) => counted(values, limits));
        expect(mergedNatives(counts, limits)).toEqual(whole);
        const taker = new NativeCells(limits);
        for (const part of counts) taker.add(3, part);
        expect(taker.freeze()(3)).toEqual(whole);
        taker.move(ownMemory);
        expect(taker.freeze()(3)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  it('is reported to another process by what was added, and subtracted from later readings', () => {
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 4 }), shape, (parts, limits) => {
        const [here, there] = [new NativeCells(limits), new NativeCells(limits)];
        let before: NativeCounts | undefined;
        for (const values of parts) {
          for (const each of values) here.count(0, each);
          const now = here.freeze()(0);
          const report = JSON.parse(JSON.stringify(reportNative(0, now, before)));
          if (report[1] === true) there.clear(0);
          there.addIncrease(0, increaseOf(report, limits)!);
          expect(there.freeze()(0)).toEqual(now);
          if (before !== undefined) {
            // Widening and halving are no resets.
            expect(report[1]).toBe(false);
            const more = nativeDifference(now, before);
            expect([more.schema, more.zeroThreshold]).toEqual([now.schema, now.zeroThreshold]);
            expect(totalOf(more)).toBe(values.length);
          }
          before = now;
        }
      }),
      { numRuns: 100 },
    );
  });

  it('begins anew with the declared zero bucket', () => {
    const cells = new NativeCells({ ...NATIVE, maxBuckets: 3, maxZeroThreshold: 10 });
    for (const v of [1, 2, 3, 100]) cells.count(0, v);
    expect(cells.freeze()(0).zeroThreshold).toBe(1);
    cells.clear(0);
    cells.count(0, 1);
    expect(cells.freeze()(0)).toMatchObject({
      zeroThreshold: NATIVE.zeroThreshold,
      positive: [0, 1],
    });
  });
});

const totalOf = ({ zeroCount, positive, negative }: NativeCounts): number =>
  [...positive, ...negative].reduce((sum, count, i) => (i % 2 === 0 ? sum : sum + count), zeroCount);

describe('histograms of different zero thresholds', () => {
  const part = { schema: 0, zeroCount: 1, negative: NO_BUCKETS };
  const limits = { maxBuckets: 160, maxZeroThreshold: 0 };
  const narrow = { ...part, zeroThreshold: 0.5, positive: [0, 2, 1, 3, 3, 5] };

  it('have the larger one', () => {
    const wide = { ...part, zeroThreshold: 2, positive: [2, 7] };
    const sum = { ...part, zeroThreshold: 2, zeroCount: 7, positive: [2, 7, 3, 5] };
    for (const both of [
      [wide, narrow],
      [narrow, wide],
    ])
      expect(mergedNatives(both, limits)).toEqual(sum);
  });

  it('have the upper bound of the bucket that holds it, unless that is empty', () => {
    const at = (zeroThreshold: number): NativeCounts =>
      mergedNatives([{ ...part, zeroThreshold, positive: NO_BUCKETS }, narrow], limits);
    expect(at(1.5)).toEqual({ ...part, zeroThreshold: 2, zeroCount: 7, positive: [3, 5] });
    expect(at(3)).toEqual({ ...part, zeroThreshold: 3, zeroCount: 7, positive: [3, 5] });
    expect(at(1)).toEqual({ ...part, zeroThreshold: 1, zeroCount: 4, positive: [1, 3, 3, 5] });
  });
});

describe('a report of a native histogram', () => {
  it.each([undefined, null, '1', -1, 2 ** -129, 2.1, Number.NaN, Infinity])(
    'is refused with the threshold %s',
    (threshold) => {
      const shape = { ...NATIVE, maxZeroThreshold: 2 };
      expect(increaseOf([0, true, 3, 0, [], [], threshold], shape)).toBeUndefined();
      expect(increaseOf([0, true, 3, 0, [], [], 2], shape)).toMatchObject({ zeroThreshold: 2 });
    },
  );
});
