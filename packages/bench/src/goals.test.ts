import { expect, it } from 'vitest';
import type { Measured } from './figures.ts';
import { bound, type Goal, judge } from './goals.ts';

const measured: Measured = new Map([
  ['kit', { cpuMs: [2, 1, 3], stallMs: [9], perSecond: [40], growthMb: [3] }],
  ['other', { cpuMs: [30, 10, 20], perSecond: [10], growthMb: [10] }],
]);

it.each<[Goal, string, readonly number[], number]>([
  [{ figure: 'cpuMs', against: 'other', times: 10 }, '≥ 10 ×', [10], 1],
  [{ figure: 'cpuMs', against: 'other', times: 11 }, '≥ 11 ×', [10], 0],
  [{ figure: 'perSecond', against: 'other', times: 4 }, '≥ 4 ×', [4], 1],
  [{ figure: 'perSecond', against: 'other', times: 5 }, '≥ 5 ×', [4], 0],
  [{ figure: 'growthMb', against: 'other', atMost: 0.35 }, '≤ 0.35 ×', [0.3], 1],
  [{ figure: 'growthMb', against: 'other', atMost: 0.25 }, '≤ 0.25 ×', [0.3], 0],
  [{ figure: 'stallMs', atMost: 8 }, '≤ 8', [9], 0],
  [{ figure: 'stallMs', atMost: 10 }, '≤ 10', [9], 1],
  [{ figure: 'cpuMs', against: 'absent', times: 2 }, '≥ 2 ×', [], 0],
  [{ figure: 'stallMs', against: 'other', times: 2 }, '≥ 2 ×', [], 0],
])('%j', (goal, words, value, reached) => {
  expect(bound(goal)).toBe(words);
  expect(judge(goal, [measured])).toEqual({ ...goal, measured: value, reached });
});

it('judges each run by itself', () => {
  const runs = [2, 3, 30].map(
    (ms): Measured =>
      new Map([
        ['kit', { cpuMs: [ms] }],
        ['other', { cpuMs: [30] }],
      ]),
  );
  expect(judge({ figure: 'cpuMs', against: 'other', times: 10 }, runs)).toMatchObject({
    measured: [15, 10, 1],
    reached: 2,
  });
  expect(judge({ figure: 'cpuMs', of: 'other', atMost: 30 }, runs)).toMatchObject({
    measured: [30, 30, 30],
    reached: 3,
  });
});
