import { expect, it } from 'vitest';
import type { Measured } from './figures.ts';
import { bound, type Goal, judge } from './goals.ts';

const measured: Measured = new Map([
  ['kit', { cpuMs: [2, 1, 3], stallMs: [9], perSecond: [40], growthMb: [3] }],
  ['other', { cpuMs: [30, 10, 20], perSecond: [10], growthMb: [10] }],
]);

it.each<[Goal, string, number | undefined, boolean | undefined]>([
  [{ figure: 'cpuMs', against: 'other', times: 10 }, '≥ 10 ×', 10, true],
  [{ figure: 'cpuMs', against: 'other', times: 11 }, '≥ 11 ×', 10, false],
  [{ figure: 'perSecond', against: 'other', times: 4 }, '≥ 4 ×', 4, true],
  [{ figure: 'perSecond', against: 'other', times: 5 }, '≥ 5 ×', 4, false],
  [{ figure: 'growthMb', against: 'other', atMost: 0.35 }, '≤ 0.35 ×', 0.3, true],
  [{ figure: 'growthMb', against: 'other', atMost: 0.25 }, '≤ 0.25 ×', 0.3, false],
  [{ figure: 'stallMs', atMost: 8 }, '≤ 8', 9, false],
  [{ figure: 'stallMs', atMost: 10 }, '≤ 10', 9, true],
  [{ figure: 'cpuMs', against: 'absent', times: 2 }, '≥ 2 ×', undefined, undefined],
  [{ figure: 'stallMs', against: 'other', times: 2 }, '≥ 2 ×', undefined, undefined],
])('%j', (goal, words, value, reached) => {
  expect(bound(goal)).toBe(words);
  expect(judge(goal, measured)).toEqual({ ...goal, measured: value, reached });
});
