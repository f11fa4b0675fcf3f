import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_database_wraparound', ['datname']);

/** How far databases are from a wraparound of transaction IDs. */
export const databaseWraparound = rowsCollector({
  name: 'database_wraparound',
  metrics: {
    xid: of.gauge('age_datfrozenxid_seconds', 'Age of the oldest unfrozen transaction ID, in transactions.', {
      name: 'PostgresTransactionIdsUsedUp',
      when: above(1e9),
      for: '1h',
      severity: 'critical',
      summary: 'Database has used half of its transaction IDs since it was frozen.',
    }),
    mxid: of.gauge('age_datminmxid_seconds', 'Age of the oldest multixact ID, in multixacts.', {
      name: 'PostgresMultixactIdsUsedUp',
      when: above(1e9),
      for: '1h',
      severity: 'critical',
      summary: 'Database has used half of its multixact IDs since it was frozen.',
    }),
  },
  sql: () =>
    'SELECT datname, age(datfrozenxid) AS xid, mxid_age(datminmxid) AS mxid FROM pg_database WHERE datallowconn',
});
