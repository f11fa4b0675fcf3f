import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

/** When the server was started. */
export const postmaster = rowsCollector({
  name: 'postmaster',
  metrics: { start: families('pg_postmaster').gauge('start_time_seconds', 'Start time of the server, in Unix time.') },
  sql: () => 'SELECT extract(epoch FROM pg_postmaster_start_time()) AS start',
});
