import { expect, it } from 'vitest';
import { labelsOf } from './families.ts';
import { kinds, makeSource } from './source.ts';

const COUNT = 20_000;

function values(kind: (typeof kinds)[number], upTo: number): Map<string, number> {
  const source = makeSource(kind, COUNT);
  for (let n = 0; n <= upTo; n++) source.turn(n);
  const all = source.read().flatMap(({ name, series }) => series.map((one) => ({ name, ...one })));
  return new Map(all.map(({ name, labels, value }) => [`${name} ${Object.values(labels)}`, value]));
}

it.each(kinds)('%s: every series once, and a new value for each', (kind) => {
  const [before, after] = [values(kind, 0), values(kind, 1)];
  expect(before.size).toBe(COUNT);
  expect(after.size).toBe(COUNT);
  const same = [...after].filter(([key, value]) => before.get(key) === value);
  expect(same.length).toBeLessThan(COUNT / 100);
});

it('is half integers, 30 % two decimals, 20 % full doubles', () => {
  const digits = [...values('mixed', 3).values()].map((value) => (String(value).split('.')[1] ?? '').length);
  const share = (n: number): number => n / COUNT;
  expect(share(digits.filter((n) => n === 0).length)).toBeCloseTo(0.5, 1);
  expect(share(digits.filter((n) => n === 1 || n === 2).length)).toBeCloseTo(0.3, 1);
  expect(share(digits.filter((n) => n > 10).length)).toBeCloseTo(0.2, 1);
});

it.each([
  ['replaced', 0.01],
  ['churning', 0.1],
] as const)('%s: a share of the rows goes, as many come', (kind, share) => {
  const [before, after] = [values(kind, 4), values(kind, 5)];
  const come = [...after.keys()].filter((key) => !before.has(key)).length;
  expect(come / COUNT).toBeGreaterThan(0.8 * share);
  expect(come / COUNT).toBeLessThan(1.2 * share);
});

it('shuffles', () => {
  const source = makeSource('shuffled', COUNT);
  source.turn(0);
  const moved = source.read()[3]!.series.filter(({ labels }, i) => labels.host !== labelsOf(i).host);
  expect(moved.length).toBeGreaterThan(0.9 * (COUNT / 20));
});

it('parses JSON anew at each reading', () => {
  const source = makeSource('json', COUNT);
  source.turn(0);
  expect(source.read()).toEqual(source.read());
  expect(source.read()[0]).not.toBe(source.read()[0]);
});
