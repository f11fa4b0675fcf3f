import { collector } from 'exporter-kit';
import { eachDatabase } from '../each-database.ts';
import { families } from '../families.ts';
import { rowWriter } from '../rows.ts';
import { postgres } from '../source.ts';

const labels = ['datname', 'schemaname', 'relname', 'indexrelname'] as const;
const io = families('pg_statio_user_indexes', labels);
const use = families('pg_stat_user_indexes', labels);

const metrics = {
  idx_blks_read: io.counter('idx_blks_read_total', 'Blocks of the index read from disk.'),
  idx_blks_hit: io.counter('idx_blks_hit_total', 'Blocks of the index found in the buffer cache.'),
  idx_scan: use.counter('idx_scan_total', 'Scans of the index.'),
  idx_tup_read: use.counter('idx_tup_read_total', 'Entries of the index returned by scans.'),
};

const write = rowWriter(metrics);

/** Use and I/O of indexes, in every database. */
export const statioUserIndexes = collector({
  name: 'statio_user_indexes',
  source: postgres,
  enabled: false,
  metrics,
  async collect(writers, context) {
    await eachDatabase(SQL, context, (_, rows) => write(writers, rows ?? []));
  },
});

const SQL = `
  SELECT current_database() AS datname, i.schemaname, i.relname, i.indexrelname, idx_blks_read, idx_blks_hit, idx_scan,
    idx_tup_read
  FROM pg_statio_user_indexes AS i JOIN pg_stat_user_indexes USING (indexrelid)`;
