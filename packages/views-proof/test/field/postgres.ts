import { startPostgres } from 'test-servers';
import type { Stops } from './stops.ts';

/** A primary with tables and statements, and a replica with a slot: settings of the exporter for both. */
export async function postgresSettings(stops: Stops): Promise<object> {
  const primary = stops.add(
    await startPostgres({ settings: { shared_preload_libraries: 'pg_stat_statements', track_io_timing: 'on' } }),
  );
  await primary.sql([
    'CREATE EXTENSION pg_stat_statements',
    'CREATE EXTENSION pg_buffercache',
    `CREATE TABLE t (i int PRIMARY KEY, x text);
    INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 500) AS g; DELETE FROM t WHERE i < 50`,
    'VACUUM ANALYZE t',
    'SELECT count(*) FROM t',
  ]);
  const replica = stops.add(await primary.startReplica({ slot: 'one' }));
  return {
    postgres: {
      sslmode: 'disable',
      targets: { primary: { url: primary.url }, replica: { url: replica.url } },
    },
  };
}
