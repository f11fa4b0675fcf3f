import { collector } from 'exporter-kit';
import { eachDatabase } from '../each-database.ts';
import { families } from '../families.ts';
import { rowWriter } from '../rows.ts';
import { postgres } from '../source.ts';

const of = families('pg_stat_user_tables', ['datname', 'schemaname', 'relname']);
const reached = families('pg_stat_user_tables', ['datname']);

const metrics = {
  seq_scan: of.counter('seq_scan', 'Sequential scans of the table.'),
  seq_tup_read: of.counter('seq_tup_read', 'Rows read by sequential scans.'),
  idx_scan: of.counter('idx_scan', 'Index scans of the table.'),
  idx_tup_fetch: of.counter('idx_tup_fetch', 'Rows fetched by index scans.'),
  n_tup_ins: of.counter('n_tup_ins', 'Rows inserted.'),
  n_tup_upd: of.counter('n_tup_upd', 'Rows updated.'),
  n_tup_del: of.counter('n_tup_del', 'Rows deleted.'),
  n_tup_hot_upd: of.counter('n_tup_hot_upd', 'Rows updated without a change of an index.'),
  n_live_tup: of.gauge('n_live_tup', 'Estimated live rows.'),
  n_dead_tup: of.gauge('n_dead_tup', 'Estimated dead rows.'),
  n_mod_since_analyze: of.gauge('n_mod_since_analyze', 'Estimated rows changed since the table was analyzed.'),
  vacuumed: of.gauge('last_vacuum', 'When the table was last vacuumed by hand, in Unix time; 0 if never.'),
  autovacuumed: of.gauge('last_autovacuum', 'When autovacuum last vacuumed the table, in Unix time; 0 if never.'),
  analyzed: of.gauge('last_analyze', 'When the table was last analyzed by hand, in Unix time; 0 if never.'),
  autoanalyzed: of.gauge('last_autoanalyze', 'When autovacuum last analyzed the table, in Unix time; 0 if never.'),
  vacuum_count: of.counter('vacuum_count', 'Times that the table was vacuumed by hand.'),
  autovacuum_count: of.counter('autovacuum_count', 'Times that autovacuum vacuumed the table.'),
  analyze_count: of.counter('analyze_count', 'Times that the table was analyzed by hand.'),
  autoanalyze_count: of.counter('autoanalyze_count', 'Times that autovacuum analyzed the table.'),
  indexes_size: of.gauge('index_size_bytes', 'Disk space used by the indexes of the table.'),
  table_size: of.gauge('table_size_bytes', 'Disk space used by the table without its indexes.'),
};

const write = rowWriter(metrics);

/** Statistics and sizes of tables, in every database. */
export const statUserTables = collector({
  name: 'stat_user_tables',
  source: postgres,
  metrics: { ...metrics, success: reached.gauge('database_success', 'Whether the database could be queried.') },
  async collect({ success, ...writers }, context) {
    await eachDatabase(SQL, context, (datname, rows) => {
      success.set({ datname }, rows === undefined ? 0 : 1);
      write(writers, rows ?? []);
    });
  },
});

// To ask the size of a table takes a lock, which would wait for someone who has the table for themselves.
const SQL = `
  SELECT *, current_database() AS datname, coalesce(idx_scan, 0) AS idx_scan, coalesce(idx_tup_fetch, 0) AS idx_tup_fetch,
    ${['vacuum:vacuumed', 'autovacuum:autovacuumed', 'analyze:analyzed', 'autoanalyze:autoanalyzed']
      .map((pair) => pair.split(':'))
      .map(([last, name]) => `coalesce(floor(extract(epoch FROM last_${last})), 0) AS ${name}`)
      .join(', ')},
    CASE WHEN NOT locked THEN pg_indexes_size(relid) END AS indexes_size,
    CASE WHEN NOT locked THEN pg_table_size(relid) END AS table_size
  FROM (
    SELECT *, relid = ANY (ARRAY(
      SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL
    )) AS locked
    FROM pg_stat_user_tables
  ) AS tables`;
