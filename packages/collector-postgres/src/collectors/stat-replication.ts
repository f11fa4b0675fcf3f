import { untyped } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const labels = ['application_name', 'client_addr', 'slot_name', 'state'] as const;
const of = families('pg_stat_replication', labels);

/** The replicas of this server. */
export const statReplication = rowsCollector({
  name: 'stat_replication',
  metrics: {
    current: of.gauge('pg_current_wal_lsn_bytes', 'Position of the WAL, in bytes.'),
    behind: of.gauge('pg_wal_lsn_diff', 'Bytes between the position of the WAL and what the replica has replayed.'),
    reply: untyped({
      name: 'pg_stat_replication_reply_time',
      help: 'When the replica last replied, in Unix time.',
      labels,
      waive: 'name and type of postgres_exporter',
    }),
    // These are not in postgres_exporter.
    write: of.gauge('write_lag_seconds', 'Time until the replica has written what was committed.'),
    flush: of.gauge('flush_lag_seconds', 'Time until the replica has flushed what was committed.'),
    replay: of.gauge('replay_lag_seconds', 'Time until the replica has replayed what was committed.'),
  },
  // A replica without a slot is told by its process ID, as all are by postgres_exporter.
  sql: () => `
    SELECT application_name, host(client_addr) AS client_addr, r.state,
      coalesce(slot_name, r.pid::text) AS slot_name,
      now_lsn - '0/0' AS current, now_lsn - replay_lsn AS behind,
      floor(extract(epoch FROM reply_time)) AS reply,
      extract(epoch FROM write_lag) AS write, extract(epoch FROM flush_lag) AS flush,
      extract(epoch FROM replay_lag) AS replay
    FROM pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid,
      (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END) AS wal (now_lsn)`,
});
