import type { RedisClient, Reply } from '../client/client.ts';
import { listOf, textOf } from '../parse/reply.ts';
import { isGlob, type KeyPattern } from './key-pattern.ts';

/** How keys are found. */
export interface ScanOptions {
  readonly client: RedisClient;
  readonly signal: AbortSignal;
  readonly batchSize: number;
}

// A caller keeps the names, to count each key once. Less than all replies of a scrape may have, which would end the connection.
const MOST_CHARACTERS = 100 << 20;

/**
 * The keys of a database that match a pattern, batch by batch. SCAN may name one twice.
 *
 * @throws Error if their names are more than can be kept.
 */
export async function* scan(
  { database, pattern }: KeyPattern,
  { client, signal, batchSize }: ScanOptions,
): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  let characters = 0;
  do {
    const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(batchSize)];
    const [next, keys] = listOf(await client.command(words, { signal, database }), 'SCAN');
    cursor = textOf(next ?? null, 'SCAN');
    const names = listOf(keys, 'SCAN').map((key: Reply) => textOf(key, 'SCAN'));
    for (const name of names) characters += name.length;
    if (characters > MOST_CHARACTERS)
      throw new Error(`the names of keys like ${pattern} exceed 100 MiB; narrow the pattern`);
    yield names;
  } while (cursor !== '0');
}

/** One key. */
export interface Key {
  readonly database: number;
  readonly key: string;
}

/** The keys that patterns and plain names mean, in batches, each key once. */
export async function* expand(patterns: readonly KeyPattern[], options: ScanOptions): AsyncGenerator<readonly Key[]> {
  const seen = new Set<string>();
  for (const one of patterns) {
    for await (const keys of isGlob(one) ? scan(one, options) : [[one.pattern]]) {
      const fresh = keys.filter((key) => !seen.has(`${one.database}=${key}`));
      for (const key of fresh) seen.add(`${one.database}=${key}`);
      if (fresh.length > 0) yield fresh.map((key) => ({ database: one.database, key }));
    }
  }
}

/** A key as it is, whatever characters it has. */
export const literally = ({ database, pattern }: KeyPattern): Key => ({ database, key: pattern });

/** The database as a label. */
export const dbOf = ({ database }: Pick<Key, 'database'>): string => `db${database}`;

/** Whether an error says that another node of the cluster has the key. */
export function isElsewhere(error: unknown): boolean {
  return error instanceof Error && /^(MOVED|ASK) /.test(error.message);
}
