import { collector } from 'exporter-kit';
import { eachDatabase } from '../each-database.ts';
import { families } from '../families.ts';
import { rowWriter } from '../rows.ts';
import { postgres } from '../source.ts';

const of = families('pg_statio_user_tables', ['datname', 'schemaname', 'relname']);

const metrics = {
  heap_blks_read: of.counter('heap_blocks_read', 'Blocks of the table read from disk.'),
  heap_blks_hit: of.counter('heap_blocks_hit', 'Blocks of the table found in the buffer cache.'),
  idx_blks_read: of.counter('idx_blocks_read', 'Blocks of its indexes read from disk.'),
  idx_blks_hit: of.counter('idx_blocks_hit', 'Blocks of its indexes found in the buffer cache.'),
  toast_blks_read: of.counter('toast_blocks_read', 'Blocks of its TOAST table read from disk.'),
  toast_blks_hit: of.counter('toast_blocks_hit', 'Blocks of its TOAST table found in the buffer cache.'),
  tidx_blks_read: of.counter('tidx_blocks_read', 'Blocks of the indexes of its TOAST table read from disk.'),
  tidx_blks_hit: of.counter('tidx_blocks_hit', 'Blocks of the indexes of its TOAST table found in the buffer cache.'),
};

const write = rowWriter(metrics);

/** I/O of tables, in every database. */
export const statioUserTables = collector({
  name: 'statio_user_tables',
  source: postgres,
  metrics,
  async collect(writers, context) {
    await eachDatabase(SQL, context, (_, rows) => write(writers, rows ?? []));
  },
});

const SQL = `
  SELECT current_database() AS datname, schemaname, relname,
    ${Object.keys(metrics)
      .map((column) => `coalesce(${column}, 0) AS ${column}`)
      .join(', ')}
  FROM pg_statio_user_tables`;
