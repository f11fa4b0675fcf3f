import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

/** Since when workers of autovacuum have been at their tables. */
export const statActivityAutovacuum = rowsCollector({
  name: 'stat_activity_autovacuum',
  metrics: {
    start: families('pg_stat_activity_autovacuum', ['relname']).gauge(
      'timestamp_seconds',
      'When autovacuum began with the table, in Unix time.',
    ),
  },
  // Tables of the same name in several schemas or databases share a series.
  sql: () => `
    SELECT split_part(query, '.', 2) AS relname, min(extract(epoch FROM xact_start)) AS start
    FROM pg_stat_activity WHERE query LIKE 'autovacuum:%' GROUP BY 1`,
});
