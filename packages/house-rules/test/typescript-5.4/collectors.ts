// The shared collectors as users' exporters name them, and calls that must not compile; see typescript-5.4.test.ts.
import { filesystem, loadavg, textfile } from 'collector-host';
import {
  customQueries,
  locks,
  type PostgresClient,
  postgres,
  postgresCollectors,
  queriesConfig,
} from 'collector-postgres';
import { info, type RedisClient, readingOf, redis, redisCollectors, slowlog } from 'collector-redis';
import { collector, exporter, gauge, withPrefix } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { scrape } from 'exporter-kit/testing';

export const all = exporter({
  name: 'everything',
  version: '1.0.0',
  config: z.object({ queries: queriesConfig }),
  collectors: ({ queries }) => [
    loadavg(),
    filesystem(),
    textfile(),
    ...redisCollectors({ names: 'clean' }),
    ...postgresCollectors,
    ...customQueries(queries),
  ],
  probes: [redis, postgres],
});

export const bloat = collector({
  name: 'bloat',
  source: postgres,
  metrics: { pages: gauge({ name: 'bloat_pages', help: 'Pages.', labels: ['datname'] }) },
  async collect({ pages }, { client, reading, signal }) {
    for (const database of reading.databases) {
      const [row] = await client.query('SELECT sum(relpages) AS pages FROM pg_class', { signal, database });
      pages.set({ datname: database }, Number(row?.pages ?? Number.NaN));
      // @ts-expect-error a row has text, not numbers
      pages.set({ datname: database }, row?.pages);
    }
    // @ts-expect-error a query needs its signal
    await client.query('SELECT 1', {});
    // @ts-expect-error no such part of the reading
    reading.isPrimary;
  },
});

export const queue = collector({
  name: 'queue',
  source: redis,
  metrics: { length: gauge({ name: 'queue_length', help: 'Entries.' }) },
  async collect({ length }, { client, signal }) {
    length.set(Number(await client.command(['LLEN', 'queue'], { signal })));
    // @ts-expect-error no such function of the client
    client.quit();
  },
});

declare const sql: PostgresClient;
declare const commands: RedisClient;
export const prefixed = withPrefix(slowlog(), 'my_');
export const answers = [
  scrape(locks, { client: sql, reading: { version: 180_000, isReplica: false, databases: [] } }),
  scrape(info(), { client: commands, reading: readingOf('# Server') }),
  scrape(postgres, { target: { url: 'postgres://127.0.0.1:1' } }),
  // @ts-expect-error a client of something else
  scrape(locks, { client: commands }),
];
