import type { Reply } from '../client/client.ts';

/** @throws Error naming `what` if the reply is not a text. */
export function textOf(reply: Reply, what: string): string {
  if (typeof reply === 'string') return reply;
  throw unlike(reply, what, 'a text');
}

/** @throws Error naming `what` if the reply is not a number, nor a text that is one. */
export function numberOf(reply: Reply | undefined, what: string): number {
  const value = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw unlike(reply, what, 'a number');
}

/** @throws Error naming `what` if the reply is not a list. */
export function listOf(reply: Reply | undefined, what: string): readonly Reply[] {
  if (Array.isArray(reply)) return reply as readonly Reply[];
  throw unlike(reply, what, 'a list');
}

/** A flat list of keys and values as a map. */
export function mapOf(reply: Reply | undefined, what: string): ReadonlyMap<string, Reply> {
  return flatMap(reply, what, (value) => value);
}

/** A flat list of keys and values that are texts. */
export function textMapOf(reply: Reply | undefined, what: string): ReadonlyMap<string, string> {
  return flatMap(reply, what, (value, key) => textOf(value, `${what} ${key}`));
}

function flatMap<T>(
  reply: Reply | undefined,
  what: string,
  read: (value: Reply, key: string) => T,
): ReadonlyMap<string, T> {
  const list = listOf(reply, what);
  const map = new Map<string, T>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    const key = textOf(list[i]!, what);
    map.set(key, read(list[i + 1]!, key));
  }
  return map;
}

function unlike(reply: Reply | undefined, what: string, wanted: string): Error {
  const got = Array.isArray(reply) ? `a list of ${reply.length}` : JSON.stringify(reply);
  return new Error(`${what}: expected ${wanted}, got ${got?.slice(0, 100)}.`);
}
