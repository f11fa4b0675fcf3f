import { expect, it } from 'vitest';
import { parseHttpDate } from './http-date.ts';

it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%j is an HTTP-date',
  (text) => {
    expect(parseHttpDate(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
  },
);

it('a year of two digits is at most 50 years ahead', () => {
  const year = (new Date().getUTCFullYear() + 1) % 100;
  const text = `Sunday, 06-Nov-${String(year).padStart(2, '0')} 08:49:37 GMT`;
  expect(new Date(parseHttpDate(text)!).getUTCFullYear()).toBe(new Date().getUTCFullYear() + 1);
});

it.each([
  '',
  '0',
  '-1',
  '1994',
  '784111777',
  '1994-11-06',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 06 Nov 1994 08:49:37 +0000',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 30 Feb 1994 08:49:37 GMT',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 25:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:60 GMT',
  'Sun, 00 Nov 1994 08:49:37 GMT',
  'Sun Nov 06 08:49 1994',
  'Never, 06 Nov 1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT and more',
])('%j is none', (text) => {
  expect(parseHttpDate(text)).toBeUndefined();
});
