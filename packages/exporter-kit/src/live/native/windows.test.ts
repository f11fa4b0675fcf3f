import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NativeWindows, PAGE, windowSize } from './windows.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function makeWindows(): NativeWindows {
  const pages: Uint32Array[] = [];
  return new NativeWindows(pages, (i) => {
    pages[i] = new Uint32Array(PAGE);
  });
}

it('gives windows of zeros that do not overlap', () => {
  const size = fc.integer({ min: 1, max: 512 }).map(windowSize);
  const calls = fc.array(
    fc.oneof(
      size,
      fc.nat(1000).map((which) => -which),
    ),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(calls, (made) => {
      const windows = makeWindows();
      const taken: { readonly place: number; readonly size: number }[] = [];
      const cells = (window: { readonly place: number; readonly size: number }): Uint32Array =>
        windows.pages[window.place >> 9]!.subarray(window.place & 511, (window.place & 511) + window.size);
      for (const call of made) {
        if (call > 0) {
          const window = { place: windows.take(call), size: call };
          expect(cells(window).every((word) => word === 0)).toBe(true);
          cells(window).fill(taken.length + 1);
          taken.push(window);
        } else if (taken.length > 0) {
          const [window] = taken.splice(-call % taken.length, 1);
          // Nobody else has written here.
          expect(cells(window!).every((word, _i, words) => word === words[0])).toBe(true);
          windows.giveBack(window!.place, window!.size);
        }
      }
      const words = windows.pages.map((page) => page.reduce((used, word) => used + (word === 0 ? 0 : 1), 0));
      expect(sum(words)).toBe(sum(taken.map((window) => window.size)));
    }),
    { numRuns: 100 },
  );
});

it('needs no more memory for many rows that grow in step than for their last windows', () => {
  const windows = makeWindows();
  let places = Array.from({ length: 320 }, () => windows.take(16));
  for (const [from, to] of [
    [16, 32],
    [32, 48],
    [48, 64],
    [64, 96],
  ] as const) {
    places = places.map((place) => {
      windows.giveBack(place, from);
      return windows.take(to);
    });
  }
  expect(windows.pages.length).toBeLessThanOrEqual(1.1 * (320 / 5));
  for (const place of places) windows.giveBack(place, 96);
  const { length } = windows.pages;
  for (let i = 0; i < 320; i++) windows.take(96);
  expect(windows.pages.length).toBe(length);
});

it('has sizes that fit, and that are the size of their own', () => {
  for (let counts = 1; counts <= 512; counts++) {
    const size = windowSize(counts);
    expect(size).toBeGreaterThanOrEqual(counts);
    expect(size - counts).toBeLessThan(32);
    expect(windowSize(size)).toBe(size);
  }
  expect([0, 1, 17, 33, 49, 65, 97, 129].map(windowSize)).toEqual([0, 16, 32, 48, 64, 96, 128, 160]);
});
