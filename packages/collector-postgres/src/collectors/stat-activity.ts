import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_activity', [
  'datname',
  'state',
  'usename',
  'application_name',
  'backend_type',
  'wait_event_type',
  'wait_event',
]);

/** Sessions by state and what they wait for. */
export const statActivity = rowsCollector({
  name: 'stat_activity',
  metrics: {
    count: of.gauge('count', 'Sessions.'),
    longest: of.gauge('max_tx_duration', 'Age of the oldest transaction, in seconds.'),
  },
  sql: () => `
    SELECT d.datname, states.state, usename, application_name, backend_type, wait_event_type, wait_event,
      count(a.datid) AS count,
      coalesce(max(extract(epoch FROM now() - xact_start)), 0) AS longest
    FROM pg_database AS d
      CROSS JOIN unnest(ARRAY['active', 'idle', 'idle in transaction', 'idle in transaction (aborted)',
        'fastpath function call', 'disabled']) AS states (state)
      LEFT JOIN (SELECT * FROM pg_stat_activity WHERE pid <> pg_backend_pid()) AS a
        ON a.state = states.state AND a.datname = d.datname
    GROUP BY 1, 2, 3, 4, 5, 6, 7`,
});
