import { expect, it } from 'vitest';
import { ageText, countText, durationText, unitText, valueText } from './format.ts';

it.each([
  [0, '0 s'],
  [0.0000123, '12.3 µs'],
  [0.0421, '42.1 ms'],
  [4.2, '4.2 s'],
  [60, '1 min'],
  [-61, '-1 min 1 s'],
  [11_100, '3 h 5 min'],
  [90_000, '1 d 1 h'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
])('says %s seconds as %s', (seconds, text) => expect(durationText(seconds)).toBe(text));

it.each([
  ['bytes', 0, '0 B'],
  ['bytes', 1536, '1.5 KiB'],
  ['bytes', -(2 ** 31), '-2 GiB'],
  ['bytes', Number.NaN, 'NaN'],
  ['ratio', 0.1234, '12.34 %'],
  ['', 1_234_567, '1,234,567'],
  ['', 1e-7, '1e-7'],
  ['', 2.5e18, '2.5e+18'],
  ['', Number.NEGATIVE_INFINITY, '-Inf'],
])('says a value in %s of %s as %s', (unit, value, text) => expect(unitText(unit, value)).toBe(text));

it('groups digits, and says times and ages', () => {
  expect([999, 1000, -1234567].map(countText)).toEqual(['999', '1,000', '-1,234,567']);
  const metric = { unit: 'seconds', name: 'backup_last_success_timestamp_seconds', help: '', kind: 'gauge' } as const;
  expect(valueText(metric, 1_750_000_000)).toBe('2025-06-15T15:06:40Z');
  expect(valueText({ ...metric, name: 'backup_seconds' }, 90)).toBe('1 min 30 s');
  const reset = { unit: '', name: 'stats_reset_total', kind: 'counter', help: 'Last reset, in Unix time.' } as const;
  expect(valueText(reset, 1_750_000_000)).toBe('2025-06-15T15:06:40Z');
  expect([ageText(1000, 1500), ageText(1000, 91_500)]).toEqual(['now', '1 min 30 s ago']);
});
