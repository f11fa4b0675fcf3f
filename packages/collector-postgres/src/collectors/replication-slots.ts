import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_replication_slots', ['slot_name', 'database']);

/** Replication slots under the names of older versions of postgres_exporter. */
export const replicationSlots = rowsCollector({
  name: 'replication_slots',
  metrics: {
    active: of.gauge('active', 'Whether the slot is in use.'),
    behind: of.gauge('pg_wal_lsn_diff', 'Bytes between the position of the WAL and what the slot still needs.'),
  },
  // NaN: nothing has been reserved for the slot yet.
  sql: () => `
    SELECT slot_name, coalesce(database, '') AS database, active, coalesce(
      pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
        restart_lsn), 'NaN') AS behind
    FROM pg_replication_slots`,
});
