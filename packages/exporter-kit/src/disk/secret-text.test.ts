import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { unfitForSecret } from './secret-text.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

it.each<[what: string, bytes: Buffer, why: RegExp]>([
  ['a byte order mark', Buffer.from('\uFEFFhunter2\n'), /^begins with a byte order mark; save it as UTF-8/],
  ['UTF-16, little-endian, with its mark', utf16('\uFEFFhunter2\r\n'), /^is UTF-16/],
  ['UTF-16, big-endian, with its mark', utf16('\uFEFFhunter2').swap16(), /^is UTF-16/],
  ['UTF-16 without a mark', utf16('hunter2'), /^is UTF-16/],
  ['Latin 1', Buffer.from('pässword', 'latin1'), /^is not UTF-8/],
])('%s is named', (_, bytes, why) => {
  expect(unfitForSecret(bytes.toString('utf8'))).toMatch(why);
});

it.each(['', 'hunter2\n', 'pässword', '密码\r\n', ' blanks '])('%j is taken as it is', (text) => {
  expect(unfitForSecret(text)).toBeUndefined();
});
