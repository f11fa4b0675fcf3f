import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_database', ['datname']);

/** Sizes of databases and their limits of connections. */
export const database = rowsCollector({
  name: 'database',
  metrics: {
    size: of.gauge('size_bytes', 'Disk space used by the database.'),
    datconnlimit: of.gauge('connection_limit', 'Maximum connections to the database; -1 for no limit.'),
  },
  // The size of a database that the user may not connect to can't be asked.
  sql: () => `
    SELECT datname, datconnlimit,
      CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'MEMBER')
        THEN pg_database_size(oid) END AS size
    FROM pg_database`,
});
