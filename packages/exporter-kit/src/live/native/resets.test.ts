import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nativeReference } from '../../../test/native-reference.ts';
import { nativeOfCounts, nativeSpans } from '../../collect/store/native/buckets.ts';
import { histogram, live, type Tuning } from '../../index.ts';
import { NATIVE, type NativeShape } from '../../metric/native.ts';
import { join, share } from '../index.ts';

const MINUTE = 60_000;
const BEGUN = 1_700_000_000_000;
const BOUNDS = [1, 2];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: BEGUN });
});
afterEach(() => {
  vi.useRealTimers();
});

function sizes(native: Partial<NativeShape>) {
  const { size, collector } = live({
    name: 'sizes',
    metrics: { size: histogram({ name: 'size', help: 'Sizes.', labels: ['of'], buckets: BOUNDS, native }) },
  });
  const read = () => {
    const { vals, cells, starts, nativeOf } = collector.feed!.freeze({ natives: true }).families[0]!;
    return {
      classic: Array.from(vals.subarray(0, cells - 1)),
      sum: vals[cells - 1]!,
      start: starts![0]!,
      native: nativeOf!(0),
    };
  };
  return { size: size.with({ of: 'a' }), collector, read };
}

describe('a native histogram that comes to its limit of buckets', () => {
  const spans = (...all: [number, number][]) => all;
  const many = [0, 1, 1.1, 1.2, 1.4, 1.8, 2, 3, 4];
  const late = [0, 1, 1.1, 1.2, 1.4, 1.8, 2, 5, 5.1, 3, 4];
  const none = { spans: [], deltas: [] };
  // Of client_golang's own tests: an observation each minute, and what is there at the end.
  it.each([
    ['reset', many, { maxZeroThreshold: 1.2, resetAfterMs: 5 * MINUTE }, 8, 7, spans([7, 2]), [1, 0]],
    ['halved, then reset', late, { resetAfterMs: 9 * MINUTE }, 9, 12.1, spans([7, 4]), [1, 0, -1, 1]],
    [
      'widened, then reset',
      late,
      { maxZeroThreshold: 1.2, resetAfterMs: 9 * MINUTE },
      9,
      12.1,
      spans([7, 4]),
      [1, 0, -1, 1],
    ],
  ])('is reset as in client_golang: %s', (_what, values, native, startMinute, sum, positive, deltas) => {
    for (const sign of [1, -1]) {
      vi.setSystemTime(BEGUN);
      const { size, read } = sizes({ schema: 2, maxBuckets: 4, ...native });
      for (const value of values) {
        vi.advanceTimersByTime(MINUTE);
        vi.setSystemTime(Date.now());
        // A scrape every minute, where client_golang has a timer.
        read();
        size.observe(sign * value);
      }
      const found = read();
      expect(found.start).toBe(BEGUN + startMinute * MINUTE);
      expect(found.sum).toBeCloseTo(sign * sum, 9);
      expect(found.native).toMatchObject({ schema: 2, zeroThreshold: NATIVE.zeroThreshold, zeroCount: 0 });
      const filled = { spans: positive, deltas };
      expect(nativeSpans(nativeOfCounts(found.native, 0))).toEqual(
        sign > 0 ? { positive: filled, negative: none } : { positive: none, negative: filled },
      );
    }
  });

  it('has in each reading what was counted since its start, and loses nothing that had to wait for a reset', () => {
    const value = fc.oneof(
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      fc.constantFrom(0, 1, -1, 1e300),
    );
    const steps = fc.array(fc.record({ values: fc.array(value, { maxLength: 8 }), minutes: fc.nat(6) }), {
      maxLength: 12,
    });
    const shape = fc.record({
      schema: fc.integer({ min: -4, max: 5 }),
      maxBuckets: fc.constantFrom(1, 3, 8),
      maxZeroThreshold: fc.constantFrom(0, 1.2),
      resetAfterMs: fc.integer({ min: 1, max: 12 }).map((minutes) => minutes * MINUTE),
    });
    fc.assert(
      fc.property(steps, shape, (all, native) => {
        vi.setSystemTime(BEGUN);
        const { size, read } = sizes(native);
        const limits = { ...NATIVE, ...native };
        const filled = ({ positive, negative }: ReturnType<typeof nativeReference>) =>
          (positive.length + negative.length) / 2;
        let [start, since] = [BEGUN, [] as number[]];
        const isTime = () => Date.now() - start >= native.resetAfterMs;
        for (const { values, minutes } of all) {
          vi.setSystemTime(Date.now() + minutes * MINUTE);
          for (const each of values) {
            size.observe(each);
            const before = nativeReference(since, limits);
            // The resolution that there was, however many buckets the value needs.
            const same = { ...limits, ...before, maxBuckets: Infinity };
            const needed = filled(nativeReference([...since, each], same));
            const isFull = needed > Math.max(native.maxBuckets, filled(before));
            if (isFull && isTime()) [start, since] = [Date.now(), [each]];
            else since.push(each);
          }
          const expected = nativeReference(since, limits);
          const classic = [...BOUNDS, Infinity].map(
            (bound, i) => since.filter((each) => each <= bound && each > (BOUNDS[i - 1] ?? -Infinity)).length,
          );
          const found = read();
          expect({ ...found, sum: 0 }).toEqual({ start, native: expected, classic, sum: 0 });
          expect(found.sum + 0).toBe(since.reduce((a, b) => a + b, 0));
          const isLimited =
            expected.schema < native.schema ||
            expected.zeroThreshold > NATIVE.zeroThreshold ||
            (native.schema === -4 && filled(expected) > native.maxBuckets);
          if (isLimited && isTime()) [start, since] = [Date.now(), []];
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays as it is while only text is read, which has no native buckets', () => {
    const { size, collector, read } = sizes({ maxBuckets: 1, resetAfterMs: MINUTE });
    for (const value of [1, 2, 3]) size.observe(value);
    vi.setSystemTime(BEGUN + 2 * MINUTE);
    for (let i = 0; i < 2; i++) expect(Array.from(collector.feed!.freeze().families[0]!.vals)).toEqual([1, 1, 1, 6]);
    expect(read()).toMatchObject({ classic: [1, 1, 1], start: BEGUN });
    expect(read()).toMatchObject({ classic: [0, 0, 0], start: BEGUN + 2 * MINUTE, native: { schema: 3 } });
  });

  it('forgets its exemplars with its counts', () => {
    const { size, collector } = sizes({ maxBuckets: 1, resetAfterMs: MINUTE });
    size.observe(1, { id: 'old' });
    vi.setSystemTime(BEGUN + MINUTE);
    size.observe(3, { id: 'new' });
    const { exemplars, starts } = collector.feed!.freeze({ natives: true }).families[0]!;
    expect(exemplars!.flatMap((exemplar) => (exemplar === undefined ? [] : [exemplar.labels]))).toEqual([
      { id: 'new' },
    ]);
    expect(starts![0]).toBe(BEGUN + MINUTE);
  });
});

describe('resetAfterMs', () => {
  it.each([
    ['share', () => share(shop())],
    ['share', () => share(shop({ size: { native: { resetAfterMs: 1 } } }, true))],
    ['join', () => join(shop(), process as never)],
  ])('is refused by %s, which adds up what begins anew at different times', (call, begin) => {
    expect(begin).toThrow(new RegExp(`^${call}: size has native.resetAfterMs.*remove it`));
  });

  it('can be changed by an operator', () => {
    expect(() => share(shop({ size: { native: {} } }))).not.toThrow();
  });

  function shop(tune: Tuning = {}, native: boolean | { resetAfterMs: number } = { resetAfterMs: MINUTE }) {
    return live({
      name: 'shop',
      metrics: { size: histogram({ name: 'size', help: 'Sizes.', buckets: [], native }) },
      tune,
    });
  }
});
