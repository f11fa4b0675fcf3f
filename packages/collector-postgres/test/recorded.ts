import { readFileSync } from 'node:fs';
import type { SourceCollector } from 'exporter-kit';
import { scrape } from 'exporter-kit/testing';
import type { PostgresClient } from '../src/client/client.ts';
import type { Row } from '../src/client/session.ts';
import { postgres, postgresCollectors, type Reading } from '../src/index.ts';

/** What a real server answered: for each collector, the results of its queries in each database, in order. */
export interface Recording {
  readonly reading: Reading;
  readonly results: { readonly [collector: string]: { readonly [database: string]: readonly Row[][] } };
}

export const recordingFile: URL = new URL('../fixtures/postgres.json', import.meta.url);

export const recorded = (): Recording => JSON.parse(readFileSync(recordingFile, 'utf8')) as Recording;

/** A client of one collector that answers as recorded, any number of times. */
export function fakeClient({ reading, results }: Recording, collector: string): PostgresClient {
  const [home = ''] = reading.databases;
  const queries = new Map<string, number>();
  return {
    address: '127.0.0.1:5432',
    database: home,
    excluded: [],
    async query(_, { database = home }) {
      const all = results[collector]?.[database] ?? [];
      const turn = queries.get(database) ?? 0;
      queries.set(database, turn + 1);
      const rows = all[turn % Math.max(1, all.length)];
      if (rows === undefined) throw new Error(`no rows of ${collector} were recorded in ${database}`);
      return rows as Row[];
    },
    async close() {},
  };
}

/** Runs every collector on a server, and keeps what the server answers. */
export async function record(target: object): Promise<Recording> {
  const results: Record<string, Record<string, Row[][]>> = {};
  let reading: Reading | undefined;
  for (const collector of postgresCollectors) {
    const own: Record<string, Row[][]> = {};
    const listening: SourceCollector<PostgresClient, Reading> = {
      ...collector,
      source: {
        ...postgres,
        async read(context) {
          reading = await postgres.read(context);
          return reading;
        },
      },
      async collect(writers, context) {
        const { client } = context as unknown as { client: PostgresClient };
        const keeping: PostgresClient = {
          ...client,
          async query(sql, options) {
            const rows = await client.query(sql, options);
            own[options.database ?? client.database] = [...(own[options.database ?? client.database] ?? []), rows];
            return rows;
          },
        };
        await collector.collect(writers, { ...context, client: keeping } as never);
      },
    };
    // Not every server has everything.
    await scrape(listening, { target, timeoutMs: 30_000 }).catch((error: Error) => {
      if (!error.message.includes('unsupported')) throw error;
    });
    results[collector.name] = own;
  }
  return { reading: reading!, results };
}
