import { type Alert, above, below, type Metric } from 'exporter-kit';

/** Alerts on fields of INFO, by field; `family` declares that of another field. */
export const fieldAlerts = (family: (field: string) => Metric): { readonly [field: string]: Alert } => ({
  used_memory: {
    name: 'RedisOutOfMemory',
    when: above(0.9, { of: family('maxmemory') }),
    summary: 'Server has almost used up its memory.',
  },
  connected_clients: {
    name: 'RedisTooManyConnections',
    when: above(0.9, { of: family('maxclients') }),
    summary: 'Server has almost as many clients as it accepts.',
  },
  rejected_connections: {
    name: 'RedisConnectionsRejected',
    when: above(0),
    summary: 'Server rejects connections.',
  },
  rdb_last_bgsave_status: {
    name: 'RedisDumpFailed',
    when: below(1),
    for: '15m',
    summary: 'Server could not write its dump.',
  },
  aof_last_write_status: {
    name: 'RedisAppendOnlyFileFailed',
    when: below(1),
    severity: 'critical',
    summary: 'Server could not write its append-only file.',
  },
});
