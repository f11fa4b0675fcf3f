import { expect, it } from 'vitest';
import { parseFields, parseNumber } from './fields.ts';

it('parses lists of fields', () => {
  expect([...parseFields('ip=::1,port=6379,note=a=b,,=x,odd')]).toEqual([
    ['ip', '::1'],
    ['port', '6379'],
    ['note', 'a=b'],
  ]);
});

it.each([
  ['1', 1],
  ['-1', -1],
  ['1.50', 1.5],
  ['1e3', 1000],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  ['', undefined],
  [' ', undefined],
  ['1.5G', undefined],
  ['12%', undefined],
  ['3600 1', undefined],
  [undefined, undefined],
])('reads %j as %s', (text, value) => expect(parseNumber(text)).toBe(value));
