import { expect, it } from 'vitest';
import { replyGuard } from './reply-guard.ts';

const together = { bytes: 10_000, elements: 1000 };
const limits = { bytes: 100, elements: 5, depth: 2, line: 10, together };
const follow = (text: string, step = text.length) => {
  const guard = replyGuard(limits);
  for (let at = 0; at < text.length; at += step) guard.check(Buffer.from(text.slice(at, at + step)));
};

const replies = [
  ['texts', `$90\r\n${'$'.repeat(90)}\r\n`.repeat(3)],
  ['an empty text, none, and no list', '$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n'.repeat(30)],
  ['lines', '+OK\r\n-ERR no\r\n:123\r\n:-1\r\n'.repeat(30)],
  ['lists', '*2\r\n*2\r\n$1\r\n*\r\n:1\r\n*0\r\n'.repeat(30)],
] as const;
const refused = [
  ['a text that is too large', '$101\r\n', 'more than 100 bytes'],
  ['texts that are too large together', `*2\r\n$50\r\n${'x'.repeat(50)}\r\n$50\r\n`, 'more than 100 bytes'],
  ['lines that are too long together', `*5\r\n${'*0\r\n'.repeat(3)}${'*1\r\n'.repeat(2)}`, 'more than 5 elements'],
  ['elements in lists in lists', '*3\r\n*2\r\n:1\r\n:1\r\n*1\r\n', 'more than 5 elements'],
  ['lists in lists in lists', '*1\r\n*1\r\n*1\r\n', 'more than 2 lists in lists'],
  ['a line', `+${'x'.repeat(11)}`, 'more than 10 bytes in a line'],
  ['a length without digits', '$x\r\n', 'byte 120'],
  ['a length that is long', `$${'0'.repeat(20)}`, 'out of range'],
  ['a CR alone', '+OK\r+OK\r\n', 'CR alone'],
  ['what is no reply', '%1\r\n', 'begins with byte 37'],
] as const;

it.each(replies)('follows %s, however they are cut', (_, text) => {
  for (let step = 1; step <= text.length; step++) follow(text, step);
});

it.each(refused)('refuses %s, however it is cut', (_, text, why) => {
  for (let step = 1; step <= text.length; step++) expect(() => follow(text, step)).toThrow(why);
});

it.each([
  ['texts', `$90\r\n${'x'.repeat(90)}\r\n`, 'the replies of this scrape have more than 10,000 bytes together'],
  ['lists', '*2\r\n:1\r\n:1\r\n', 'more than 1,000 elements together'],
])('refuses too many %s in one scrape, each of which is small, and counts anew in the next', (_, text, why) => {
  const guard = replyGuard(limits);
  const many = Math.floor(Math.min(together.bytes / text.length, together.elements / 2));
  for (let i = 0; i < 3; i++) {
    guard.restart();
    for (let sent = 0; sent < many; sent++) guard.check(Buffer.from(text));
  }
  expect(() => guard.check(Buffer.from(text))).toThrow(why);
});
