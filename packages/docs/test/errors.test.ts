import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Message, messagesIn } from '../src/messages.ts';
import { root, sitePages } from './documents.ts';

/** No input leads to these. */
const internal = [
  'no socket',
  'This module is the program of a thread; use inThread() instead.',
  'two changes overlap at ….',
  '… was thrown',
  // Parts of messages that have an entry.
  'metric namespace',
  '…, not ….',
  '…/…, which git ignores',
];

const messages = ['packages/exporter-kit/src', 'packages/create-exporter/src']
  .flatMap(messagesIn)
  .filter(({ text }) => !internal.includes(text));

interface Entry {
  readonly text: string;
  readonly page: string;
  /** Matches a message that is this text, or ends in it, since what is before may name a place. */
  readonly pattern: RegExp;
  /** Its longest constant part: quicker to look for. */
  readonly core: string;
}

function entry(text: string, page: string): Entry {
  const constant = text.split('…');
  const parts = constant.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return {
    text,
    page,
    pattern: new RegExp(`(^|[:… ])${parts.join('.*')}$`, 's'),
    core: constant.reduce((a, b) => (b.length > a.length ? b : a)),
  };
}

/** What the first columns of the pages' tables have in code. */
const entries: readonly Entry[] = sitePages
  .filter((page) => page.includes('/errors/'))
  .flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8').replaceAll('\\|', '\u0000');
    const cells = [...text.matchAll(/^\| ([^|\n]*)\|/gm)].map(([, cell]) => cell!.replaceAll('\u0000', '|'));
    return cells.flatMap((cell) => [...cell.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , code]) => entry(code!, page)));
  });

const letters = (text: string): number => text.replace(/[^\p{L}]/gu, '').length;

/** Whether an entry is about a message, of which it must have at least half of the constant letters. */
const says = ({ text, pattern, core }: Entry, message: Message): boolean =>
  message.text.includes(core) && 2 * letters(text) >= letters(message.text) && pattern.test(message.text);

describe('the pages about errors', () => {
  it('have a hundred messages and more to explain', () => {
    expect(messages.length).toBeGreaterThan(400);
  });

  it('have an entry for every message', () => {
    const without = messages.filter((message) => !entries.some((entry) => says(entry, message)));
    expect(without.map(({ text, where }) => `${where}: ${text}`)).toEqual([]);
  });

  it('have no entry without a message', () => {
    // Metrics, reasons, codes and names of commands stand in tables of their own.
    const sentences = entries.filter(({ text }) => / /.test(text) && !/^(exporter-push|views) -/.test(text));
    const stale = sentences.filter((entry) => !messages.some((message) => says(entry, message)));
    expect(stale).toEqual([]);
  });
});
