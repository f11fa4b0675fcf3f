import { expect, it } from 'vitest';
import { isGlob, parseKeyPattern } from './key-pattern.ts';

it.each([
  ['user:*', { database: 0, pattern: 'user:*' }, true],
  ['db3=queue', { database: 3, pattern: 'queue' }, false],
  ['12=a[bc]', { database: 12, pattern: 'a[bc]' }, true],
  ['db0=a=b', { database: 0, pattern: 'a=b' }, false],
  ['a=b?', { database: 0, pattern: 'a=b?' }, true],
  ['db=x', { database: 0, pattern: 'db=x' }, false],
])('reads %s', (text, pattern, glob) => {
  expect(parseKeyPattern(text)).toEqual(pattern);
  expect(isGlob(parseKeyPattern(text))).toBe(glob);
});

it.each(['', 'db0='])('refuses %j', (text) => {
  expect(() => parseKeyPattern(text)).toThrow('names no key');
});
