import { below, gauge } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_replication_slot', ['slot_name', 'slot_type']);

/** Replication slots: positions, and whether the WAL they need is kept. */
export const replicationSlot = rowsCollector({
  name: 'replication_slot',
  metrics: {
    current: of.gauge('slot_current_wal_lsn', 'Position of the WAL, in bytes.'),
    confirmed: of.gauge('slot_confirmed_flush_lsn', 'Position up to which the consumer has confirmed, in bytes.'),
    active: of.gauge('slot_is_active', 'Whether the slot is in use.', {
      name: 'PostgresReplicationSlotUnused',
      when: below(1),
      for: '1h',
      summary: 'Replication slot keeps files of the WAL for nobody.',
    }),
    safe: of.gauge('safe_wal_size_bytes', 'WAL that can be written before the slot is in danger of being lost.'),
    one: gauge({
      name: 'pg_replication_slot_wal_status',
      help: 'Always 1; the label wal_status says whether the WAL of the slot is available.',
      labels: ['slot_name', 'slot_type', 'wal_status'],
    }),
    retained: of.gauge('retained_wal_bytes', 'WAL that is kept for the slot.'),
    inactive: of.gauge('inactive_seconds', 'For how long the slot has not been in use; since PostgreSQL 17.'),
  },
  sql: ({ version }) => `
    SELECT slot_name, slot_type, wal_status, active, coalesce(now_lsn - '0/0', 0) AS current,
      CASE WHEN active THEN coalesce(confirmed_flush_lsn, '0/0') - '0/0' END AS confirmed,
      safe_wal_size AS safe, now_lsn - restart_lsn AS retained,
      CASE WHEN wal_status IS NOT NULL THEN 1 END AS one,
      ${version >= 170000 ? 'extract(epoch FROM now() - inactive_since)' : 'NULL'} AS inactive
    FROM pg_replication_slots,
      (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END) AS wal (now_lsn)`,
});
