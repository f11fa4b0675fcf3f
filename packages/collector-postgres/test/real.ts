import { type Collector, exporter, type Logger, serve } from 'exporter-kit';
import { type PostgresOptions, type PostgresServer, startPostgres } from 'test-servers';
import { onTestFinished } from 'vitest';
import { postgresCollectors } from '../src/index.ts';

/** Starts a server that ends with the test. */
export async function server(options: PostgresOptions = {}): Promise<PostgresServer> {
  const started = await startPostgres(options);
  onTestFinished(() => started.stop());
  return started;
}

/** A server with databases, tables, statements and their extension. */
export async function filledServer(options: PostgresOptions = {}): Promise<PostgresServer> {
  const started = await server({
    ...options,
    settings: { shared_preload_libraries: 'pg_stat_statements', track_io_timing: 'on', ...options.settings },
  });
  const table = `CREATE TABLE t (i int PRIMARY KEY, x text);
    INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 500) AS g; DELETE FROM t WHERE i < 50`;
  await started.sql([
    'CREATE EXTENSION pg_stat_statements',
    'CREATE EXTENSION pg_buffercache',
    'CREATE DATABASE shop CONNECTION LIMIT 7',
    `CREATE DATABASE "odd ""name"`,
    table,
    'VACUUM ANALYZE t',
    'SELECT count(*) FROM t',
  ]);
  await started.sql([table.replaceAll(' t ', ' orders '), 'ANALYZE orders'], 'shop');
  return started;
}

/** How an exporter of one server is served. */
export interface ServedOptions {
  /** Of collectors, by name. */
  readonly settings?: { readonly [collector: string]: object };
  readonly log?: Logger;
  /** Default: all of the package, those that are off by default too. */
  readonly collectors?: readonly Collector[];
}

/** Serves until the test ends; returns what scrapes it. */
export async function served(
  postgresSettings: object,
  { settings: collector = {}, log = silent, collectors = everything }: ServedOptions = {},
): Promise<(timeoutSeconds?: number) => Promise<string>> {
  const declared = exporter({
    name: 'postgres_exporter',
    namespace: 'pg',
    version: '1.0.0',
    collectors: [...collectors],
  });
  const { url, close } = await serve(declared, {
    settings: { collector },
    sources: { postgres: postgresSettings },
    log,
  });
  onTestFinished(() => close(1000));
  return async (timeoutSeconds = 20) => {
    const headers = { 'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds) };
    return (await fetch(new URL('/metrics', url), { headers })).text();
  };
}

const everything = postgresCollectors.map((one) => ({ ...one, enabled: true }));
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
