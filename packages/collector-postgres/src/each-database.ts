import type { Logger } from 'exporter-kit';
import type { PostgresClient } from './client/client.ts';
import type { Row } from './client/session.ts';
import type { Reading } from './source.ts';

const told = new WeakMap<PostgresClient, Map<string, string>>();

/**
 * Runs a query in each database, some at a time, and hands over its rows. A database that can't be queried costs its own
 * rows only, and one warning until it answers again.
 *
 * @throws what failed, if no database answered.
 */
export async function eachDatabase(
  sql: string,
  { client, reading, signal, log }: EachContext,
  handle: (database: string, rows: readonly Row[] | undefined) => void,
): Promise<void> {
  const known = told.get(client) ?? new Map<string, string>();
  told.set(client, known);
  const failures: unknown[] = [];
  await Promise.all(
    reading.databases.map(async (database) => {
      const key = `${database} ${sql}`;
      try {
        const rows = await client.query(sql, { signal, database });
        known.delete(key);
        handle(database, rows);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
        const reason = error instanceof Error ? error.message : String(error);
        if (known.get(key) !== reason) log.warn({ database, reason }, 'a database is left out');
        known.set(key, reason);
        handle(database, undefined);
      }
    }),
  );
  if (failures.length > 0 && failures.length === reading.databases.length) throw failures[0];
}

interface EachContext {
  readonly client: PostgresClient;
  readonly reading: Reading;
  readonly signal: AbortSignal;
  readonly log: Logger;
}
