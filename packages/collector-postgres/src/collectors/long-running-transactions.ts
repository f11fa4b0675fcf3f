import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_long_running_transactions');
const all = families('pg_long_running');

/** Transactions that are running, and for how long the oldest has been. */
export const longRunningTransactions = rowsCollector({
  name: 'long_running_transactions',
  metrics: {
    transactions: all.gauge('transactions', 'Transactions of clients that are running.'),
    oldest: of.gauge('oldest_timestamp_seconds', 'Age of the oldest running transaction, in seconds.', {
      name: 'PostgresLongTransaction',
      when: above(3600),
      summary: 'Transaction has run for more than an hour.',
    }),
  },
  sql: () => `
    SELECT count(*) AS transactions,
      coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) AS oldest
    FROM pg_stat_activity
    WHERE state IS DISTINCT FROM 'idle' AND query NOT LIKE 'autovacuum:%' AND xact_start IS NOT NULL
      AND pid <> pg_backend_pid()`,
});
