import { scrape } from 'exporter-kit/testing';
import { needPeers, type PostgresServer } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { scale } from '../src/collectors/settings.ts';
import { queriesConfig } from '../src/custom.ts';
import {
  customQueries,
  locks,
  type Queries,
  statProgressVacuum,
  statStatements,
  statUserTables,
} from '../src/index.ts';
import { filledServer, server } from './real.ts';

const of = (pg: PostgresServer, more: object = {}) => ({ target: { url: pg.url, sslmode: 'disable', ...more } });
const queries = (text: unknown): Queries => queriesConfig.parse(text);

describe.skipIf(!needPeers('postgres'))('with a real server', () => {
  it('statements beyond the limit add up in one series', async () => {
    const pg = await filledServer();
    const config = (limit: number) => ({ limit, includeQuery: true, queryLength: 20 });
    await pg.sql('SELECT pg_stat_statements_reset()');
    await pg.sql(['SELECT 1 AS first', 'SELECT 2 AS second, 3', 'SELECT 4 AS third, 5, 6', 'SELECT count(*) FROM t']);
    const few = await scrape(statStatements, { ...of(pg), config: config(1) });
    const calls = few.series('pg_stat_statements_calls_total');
    expect(calls).toHaveLength(2);
    const labels = { user: '', datname: '', queryid: 'other' };
    expect(few.value('pg_stat_statements_calls_total', labels)).toBeGreaterThanOrEqual(3);
    expect(few.value('pg_stat_statements_tracked')).toBeGreaterThanOrEqual(4);
    const all = await scrape(statStatements, { ...of(pg), config: config(1000) });
    expect(all.series('pg_stat_statements_query_id').map(({ labels: { query } }) => query)).toContain(
      'SELECT count(*) FROM',
    );
    expect(all.value('pg_stat_statements_calls_total', labels)).toBeUndefined();
    const without = await scrape(statStatements, {
      ...of(pg),
      config: { ...config(1000), excludeDatabases: ['postgres'] },
    });
    expect(without.series('pg_stat_statements_calls_total').filter((one) => one.labels.datname === 'postgres')).toEqual(
      [],
    );
  });

  it('statements are unsupported without the extension', async () => {
    const pg = await server();
    await expect(scrape(statStatements, of(pg))).rejects.toThrow(
      /extension pg_stat_statements is not in the database postgres/,
    );
  });

  it('names the table that is vacuumed in another database', async () => {
    const pg = await filledServer({ settings: { autovacuum: 'off' } });
    const vacuum = await pg.connect('shop');
    onTestFinished(() => vacuum.end());
    await vacuum.query('SET vacuum_cost_delay = 100; SET vacuum_cost_limit = 1');
    await vacuum.query(`INSERT INTO orders SELECT g, repeat('y', 500) FROM generate_series(1000, 9000) AS g`);
    const done = vacuum.query('VACUUM orders').catch(() => {});
    const running = 'SELECT 1 AS yes FROM pg_stat_progress_vacuum WHERE heap_blks_total > 0';
    await expect.poll(() => pg.sql(running)).toHaveLength(1);
    const { value, series } = await scrape(statProgressVacuum, of(pg));
    expect(value('pg_stat_progress_vacuum_heap_blks', { datname: 'shop', relname: 'orders' })).toBeGreaterThan(100);
    expect(series('pg_stat_progress_vacuum_phase').filter((one) => one.value === 1)).toHaveLength(1);
    await pg.sql(`SELECT pg_cancel_backend(pid) FROM pg_stat_progress_vacuum`);
    await done;
  });

  it('leaves out a database that can not be queried, with one warning', async () => {
    const pg = await filledServer();
    await pg.sql('ALTER DATABASE shop CONNECTION LIMIT 0; CREATE ROLE mon LOGIN; GRANT pg_monitor TO mon');
    const warnings: object[] = [];
    const log = { debug() {}, info() {}, error() {}, warn: (facts: object) => void warnings.push(facts) };
    const target = { url: pg.url, user: 'mon', database: 'postgres', sslmode: 'disable' };
    const { value, series } = await scrape(statUserTables, { target, log });
    expect(value('pg_stat_user_tables_database_success', { datname: 'shop' })).toBe(0);
    expect(value('pg_stat_user_tables_database_success', { datname: 'postgres' })).toBe(1);
    expect(series('pg_stat_user_tables_seq_scan').map((one) => one.labels.datname)).toContain('postgres');
    expect(warnings).toEqual([
      { database: 'shop', reason: expect.stringMatching(/too many connections for database/) },
    ]);
  });

  it('counts who waits for a lock', async () => {
    const pg = await filledServer({ settings: { autovacuum: 'off' } });
    const [holder, waiter] = [await pg.connect(), await pg.connect()];
    onTestFinished(async () => void (await Promise.all([holder.end(), waiter.end()])));
    await holder.query('BEGIN; LOCK TABLE t');
    const waiting = waiter.query('SELECT * FROM t');
    await expect.poll(() => pg.sql('SELECT 1 AS yes FROM pg_locks WHERE NOT granted')).toHaveLength(1);
    const { value } = await scrape(locks, of(pg));
    expect(value('pg_locks_waiting', { datname: 'postgres', mode: 'accesssharelock' })).toBe(1);
    expect(value('pg_locks_waiting', { datname: 'shop', mode: 'accesssharelock' })).toBe(0);
    await holder.query('COMMIT');
    await waiting;
  });

  it.each([
    ['SELECT 1 AS a', /no column n; it has a/],
    [`SELECT 'x' AS n`, /column n has to be a number, but is "x"/],
    ['SELECT 1 AS n; DROP TABLE t', /multiple commands/],
  ])('a query says what is wrong with its answer: %s', async (sql, expected) => {
    const pg = await server();
    const [one] = customQueries(queries({ one: { sql, metrics: { n: { name: 'one_n', help: 'N.' } } } }));
    await expect(scrape(one!, of(pg))).rejects.toThrow(expected);
  });

  it('a query may be for newer servers only, and have no rows or values', async () => {
    const pg = await server();
    const metrics = { n: { name: 'one_n', help: 'N.' } };
    const [newer, none, nulls] = customQueries(
      queries({
        newer: { sql: 'SELECT 1 AS n', minVersion: 99, metrics: { n: { name: 'newer_n', help: 'N.' } } },
        none: { sql: 'SELECT 1 AS n WHERE false', metrics },
        nulls: { sql: 'SELECT NULL AS n', metrics: { n: { name: 'nulls_n', help: 'N.' } } },
      }),
    );
    for (const one of [newer, none, nulls]) expect((await scrape(one!, of(pg))).text).not.toMatch(/^\w+_n /m);
  });
});

it('refuses two queries with one family', () => {
  const one = { sql: 'SELECT 1 AS n', metrics: { n: { name: 'one_n', help: 'N.' } } };
  expect(() => queries({ a: one, b: one })).toThrow(/one_n is a family of a.metrics.n already/);
  expect(() => queries({ 'A-b': one })).toThrow(/lower-case letters/);
});

it.each([
  ['8kB', ['_bytes', 8192]],
  ['16MB', ['_bytes', 16 * 2 ** 20]],
  ['ms', ['_seconds', 0.001]],
  ['min', ['_seconds', 60]],
  ['', ['', 1]],
  ['parsecs', ['', 1]],
])('reads the unit %s', (unit, expected) => {
  expect(scale(unit)).toEqual(expected);
});

it('serves a recorded answer', async () => {
  const client = {
    address: 'db:5432',
    database: 'postgres',
    excluded: [],
    query: async () => [{ datname: 'postgres', mode: 'sharelock', count: '2', waiting: '0' }],
    close: async () => {},
  };
  const { value } = await scrape(locks, {
    client,
    reading: { version: 180000, isReplica: false, databases: ['postgres'] },
  });
  expect(value('pg_locks_count', { datname: 'postgres', mode: 'sharelock' })).toBe(2);
});
