import type { Reply } from '../client/client.ts';
import { numberOf, textOf } from '../parse/reply.ts';

/** Sends a command to the database of the keys in question. */
export type Ask = (...words: string[]) => Promise<Reply>;

/** What is known of a key. */
export interface KeyFacts {
  /** `undefined` where the server can't tell. */
  readonly bytes?: number;
  /** Length or number of elements; `undefined` for types that have none. */
  readonly size?: number;
  /** Of a string that is short. */
  readonly value?: string;
}

/** Longer values are not served: a label is no place for them. */
const MOST_VALUE_BYTES = 1024;

const sizeCommands: { readonly [type: string]: string } = {
  list: 'LLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  hash: 'HLEN',
  stream: 'XLEN',
  // Redis 8.8
  array: 'ARCOUNT',
};

/** Asks for the facts of a key; `undefined` without such a key. */
export async function keyFacts(ask: Ask, key: string): Promise<KeyFacts | undefined> {
  const [type, bytes] = await Promise.all([ask('TYPE', key), ask('MEMORY', 'USAGE', key)]);
  if (type === 'none' || bytes === null) return undefined;
  const facts = { bytes: numberOf(bytes, 'MEMORY USAGE') };
  if (type === 'string') return { ...facts, ...(await stringFacts(ask, key)) };
  const command = sizeCommands[textOf(type, 'TYPE')];
  return command === undefined ? facts : { ...facts, size: numberOf(await ask(command, key), command) };
}

async function stringFacts(ask: Ask, key: string): Promise<KeyFacts> {
  const [length, start] = await Promise.all([
    ask('STRLEN', key),
    ask('GETRANGE', key, '0', String(MOST_VALUE_BYTES - 1)),
  ]);
  const size = numberOf(length, 'STRLEN');
  const value = textOf(start, 'GETRANGE');
  // A HyperLogLog is a string that starts like this; its length says nothing.
  if (value.startsWith('HYLL')) {
    const count = await ask('PFCOUNT', key).catch(() => undefined);
    if (count !== undefined) return { size: numberOf(count, 'PFCOUNT') };
  }
  return size <= MOST_VALUE_BYTES ? { size, value } : { size };
}
