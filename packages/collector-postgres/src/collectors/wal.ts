import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_wal');

/** Files of the WAL. */
export const wal = rowsCollector({
  name: 'wal',
  metrics: {
    segments: of.gauge('segments', 'Files of the WAL.'),
    size: of.gauge('size_bytes', 'Size of these files.'),
  },
  sql: () => `SELECT count(*) AS segments, sum(size) AS size FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$'`,
});
