import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const all = families('pg', ['datname']);
const of = families('pg_prepared_transactions', ['datname']);

/** Prepared transactions: forgotten ones hold locks and keep VACUUM from cleaning up. */
export const preparedTransactions = rowsCollector({
  name: 'prepared_transactions',
  metrics: {
    count: all.gauge('prepared_transactions', 'Prepared transactions.'),
    oldest: of.gauge('oldest_age_seconds', 'Age of the oldest prepared transaction; 0 without one.'),
  },
  sql: () => `
    SELECT datname, count(gid) AS count, coalesce(max(extract(epoch FROM now() - prepared)), 0) AS oldest
    FROM pg_database LEFT JOIN pg_prepared_xacts ON database = datname
    WHERE datallowconn GROUP BY 1`,
});
