import type { Fields } from './field.ts';

/** Replication and Cluster. */
export const replication: Fields = {
  gauges: {
    connected_slaves: ['connected_slaves', 'Connected replicas.'],
    replicas_waiting_psync: ['replicas_waiting_psync', 'Replicas that wait for a partial resync.'],
    repl_backlog_size: ['replication_backlog_bytes', 'Size of the replication backlog.'],
    repl_backlog_active: ['repl_backlog_is_active', 'Whether there is a replication backlog.'],
    repl_backlog_first_byte_offset: ['repl_backlog_first_byte_offset', 'Replication offset of the first byte in it.'],
    repl_backlog_histlen: ['repl_backlog_history_bytes', 'Data in the replication backlog.'],
    master_repl_offset: ['master_repl_offset', 'Replication offset of the server.'],
    second_repl_offset: ['second_repl_offset', 'Offset up to which the second replication ID is accepted.'],
    slave_expires_tracked_keys: ['slave_expires_tracked_keys', 'Keys with an expiry on a writable replica.'],
    slave_priority: ['slave_priority', 'Priority of the replica in a failover.'],
    sync_full: [
      'replica_resyncs_full',
      'Full resyncs with replicas.',
      { name: 'replica_resyncs_full_total', kind: 'counter' },
    ],
    sync_partial_ok: [
      'replica_partial_resync_accepted',
      'Accepted partial resyncs.',
      { name: 'replica_partial_resync_accepted_total', kind: 'counter' },
    ],
    sync_partial_err: [
      'replica_partial_resync_denied',
      'Denied partial resyncs.',
      { name: 'replica_partial_resync_denied_total', kind: 'counter' },
    ],
    cluster_enabled: ['cluster_enabled', 'Whether the server is a node of a cluster.'],
  },
};
