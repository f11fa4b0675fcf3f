import { expect, it } from 'vitest';
import { deadlineOf } from './http-message.ts';

it.each([
  ['10', 9500],
  ['10.5', 10_000],
  ['1', 500],
  ['0.6', 300],
  ['0.01', 5],
  ['3600', 120_000],
  [undefined, 10_000],
  ['', 10_000],
  ['0', 10_000],
  ['-5', 10_000],
  ['NaN', 10_000],
  ['Infinity', 10_000],
  ['ten', 10_000],
  ['10, 20', 10_000],
])('gives %s seconds %d ms', (header, ms) => {
  expect(deadlineOf(header, 1000) - 1000).toBeCloseTo(ms);
});
