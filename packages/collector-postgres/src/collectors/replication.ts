import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_replication');

/** Whether the server is a replica, and how far it is behind. */
export const replication = rowsCollector({
  name: 'replication',
  metrics: {
    is_replica: of.gauge('is_replica', 'Whether the server is a replica.'),
    lag: of.gauge('lag_seconds', 'How far the replica is behind its primary; 0 on a primary.', {
      name: 'PostgresReplicaBehind',
      when: above(300),
      for: '10m',
      summary: 'Replica is far behind its primary.',
    }),
    last_replay: of.gauge('last_replay_seconds', 'Age of the last transaction that the replica has replayed.'),
  },
  sql: () => `
    SELECT pg_is_in_recovery() AS is_replica,
      CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp())) END AS lag,
      greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp())) AS last_replay`,
});
