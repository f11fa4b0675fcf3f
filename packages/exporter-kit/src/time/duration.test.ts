import { expect, it } from 'vitest';
import { parseGoDuration } from './duration.ts';

it.each([
  ['5s', 5000],
  ['1.5s', 1500],
  ['.5s', 500],
  ['1.s', 1000],
  ['1h30m', 5_400_000],
  ['30m1h', 5_400_000],
  ['1500us', 1.5],
  ['1µs', 1e-3],
  ['0', 0],
  ['-5s', -5000],
  ['+5s', 5000],
])('%s is Go for %s ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});

it.each(['', '5', '1d', '5 s', '5S', 's', '1.5', '.s', '--5s', '1h 30m'])('%j is none', (text) => {
  expect(() => parseGoDuration(text)).toThrow('is not a duration');
});
