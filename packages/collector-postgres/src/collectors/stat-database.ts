import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_database', ['datid', 'datname']);

const xact_commit = of.counter('xact_commit', 'Transactions committed.');
const blks_hit = of.counter('blks_hit', 'Blocks found in the buffer cache.');

/** Statistics of databases. */
export const statDatabase = rowsCollector({
  name: 'stat_database',
  metrics: {
    numbackends: of.gauge('numbackends', 'Sessions connected to the database.'),
    xact_commit,
    xact_rollback: of.counter('xact_rollback', 'Transactions rolled back.', {
      name: 'PostgresManyRollbacks',
      when: above(0.2, { of: xact_commit }),
      for: '15m',
      summary: 'Many transactions are rolled back.',
    }),
    blks_read: of.counter('blks_read', 'Blocks read from disk.', {
      name: 'PostgresCacheMisses',
      when: above(0.1, { of: blks_hit }),
      for: '1h',
      severity: 'info',
      summary: 'Blocks are often not in the buffer cache.',
    }),
    blks_hit,
    tup_returned: of.counter('tup_returned', 'Rows read by scans.'),
    tup_fetched: of.counter('tup_fetched', 'Rows fetched by index scans.'),
    tup_inserted: of.counter('tup_inserted', 'Rows inserted.'),
    tup_updated: of.counter('tup_updated', 'Rows updated.'),
    tup_deleted: of.counter('tup_deleted', 'Rows deleted.'),
    conflicts: of.counter('conflicts', 'Queries cancelled because they conflicted with recovery.'),
    temp_files: of.counter('temp_files', 'Temporary files created by queries.'),
    temp_bytes: of.counter('temp_bytes', 'Bytes written to temporary files.'),
    deadlocks: of.counter('deadlocks', 'Deadlocks.', {
      name: 'PostgresDeadlocks',
      when: above(0.01),
      for: '10m',
      summary: 'Transactions are cancelled because of deadlocks.',
    }),
    blk_read_time: of.counter('blk_read_time', 'Time of reading blocks, in milliseconds.'),
    blk_write_time: of.counter('blk_write_time', 'Time of writing blocks, in milliseconds.'),
    reset: of.counter('stats_reset', 'When these statistics were last reset, in Unix time; 0 if never.'),
    active: of.counter('active_time_seconds_total', 'Time of executing statements; since PostgreSQL 14.'),
    // These are not in postgres_exporter.
    idle_in_transaction: of.counter('idle_in_transaction_time_seconds_total', 'Time of idling in transactions.'),
    session: of.counter('session_time_seconds_total', 'Time of sessions.'),
    sessions: of.counter('sessions_total', 'Sessions established.'),
    sessions_abandoned: of.counter('sessions_abandoned_total', 'Sessions ended because the client was lost.'),
    sessions_fatal: of.counter('sessions_fatal_total', 'Sessions ended by fatal errors.'),
    sessions_killed: of.counter('sessions_killed_total', 'Sessions ended by operators.'),
    checksum_failures: of.counter('checksum_failures_total', 'Pages whose checksum was wrong.', {
      name: 'PostgresDataCorrupted',
      when: above(0),
      for: '2m',
      severity: 'critical',
      summary: 'Pages have wrong checksums.',
    }),
    parallel_workers_to_launch: of.counter('parallel_workers_planned_total', 'Parallel workers planned.'),
    parallel_workers_launched: of.counter('parallel_workers_launched_total', 'Parallel workers launched.'),
  },
  sql: ({ version }) => `
    SELECT *, coalesce(floor(extract(epoch FROM stats_reset)), 0) AS reset
      ${version >= 140000 ? TIMES : ''}
    FROM pg_stat_database WHERE datname IS NOT NULL`,
});

const TIMES = `, active_time / 1000 AS active, idle_in_transaction_time / 1000 AS idle_in_transaction,
  session_time / 1000 AS session`;
