import type { CleanField, Field, Fields } from './field.ts';

const counted = (name: string): CleanField => ({ name, kind: 'counter' });
const ms = (name: string): CleanField => ({ name, divide: 1000 });
const us = (name: string): CleanField => ({ name, divide: 1e6 });
/** Rates over the last moments; `rate()` of the counter says more. */
const recent = (what: string): Field[1] => `${what}, over the last moments.`;

/** Stats. */
export const stats: Fields = {
  gauges: {
    instantaneous_ops_per_sec: ['instantaneous_commands_per_second', recent('Commands per second')],
    expired_stale_perc: [
      'expired_stale_percentage',
      'Estimated share of expired keys that are still there, in percent.',
      { name: 'expired_stale_ratio', divide: 100 },
    ],
    migrate_cached_sockets: [
      'migrate_cached_sockets_total',
      'Sockets open for MIGRATE.',
      { name: 'migrate_cached_sockets' },
    ],
    active_defrag_hits: ['defrag_hits', 'Values moved by defragmentation.', counted('defrag_hits_total')],
    active_defrag_misses: [
      'defrag_misses',
      'Values that defragmentation did not have to move.',
      counted('defrag_misses_total'),
    ],
    active_defrag_key_hits: ['defrag_key_hits', 'Keys defragmented.', counted('defrag_key_hits_total')],
    active_defrag_key_misses: [
      'defrag_key_misses',
      'Keys that defragmentation passed over.',
      counted('defrag_key_misses_total'),
    ],
    current_active_defrag_time: [
      'current_active_defrag_time_seconds',
      'Time that memory has been over the defragmentation limit.',
      ms('current_active_defrag_time_seconds'),
    ],
    current_eviction_exceeded_time: [
      'current_eviction_exceeded_time_ms',
      'Time that memory has been over the limit.',
      ms('current_eviction_exceeded_time_seconds'),
    ],
    pubsub_channels: ['pubsub_channels', 'Channels with subscribers.'],
    pubsub_patterns: ['pubsub_patterns', 'Patterns with subscribers.'],
    pubsubshard_channels: ['pubsubshard_channels', 'Shard channels with subscribers.'],
    latest_fork_usec: ['latest_fork_seconds', 'Duration of the last fork.', us('latest_fork_seconds')],
    tracking_total_keys: ['tracking_total_keys', 'Keys tracked for client-side caching.'],
    tracking_total_items: ['tracking_total_items', 'Pairs of tracked keys and clients.'],
    tracking_total_prefixes: ['tracking_total_prefixes', 'Tracked prefixes.'],
    instantaneous_eventloop_cycles_per_sec: [
      'instantaneous_eventloop_cycles_per_sec',
      recent('Cycles of the event loop per second'),
      { name: 'instantaneous_eventloop_cycles_per_second' },
    ],
    instantaneous_eventloop_duration_usec: [
      'instantaneous_eventloop_duration_usec',
      recent('Duration of a cycle of the event loop'),
      us('instantaneous_eventloop_duration_seconds'),
    ],
  },
  counters: {
    total_connections_received: ['connections_received_total', 'Connections accepted.'],
    total_commands_processed: ['commands_processed_total', 'Commands processed.'],
    rejected_connections: ['rejected_connections_total', 'Connections rejected because of maxclients.'],
    total_net_input_bytes: ['net_input_bytes_total', 'Bytes received.'],
    total_net_output_bytes: ['net_output_bytes_total', 'Bytes sent.'],
    total_net_repl_input_bytes: ['net_repl_input_bytes_total', 'Bytes received for replication.'],
    total_net_repl_output_bytes: ['net_repl_output_bytes_total', 'Bytes sent for replication.'],
    total_net_cluster_slot_import_bytes: ['net_cluster_slot_import_bytes_total', 'Bytes received for slots.'],
    total_net_cluster_slot_export_bytes: ['net_cluster_slot_export_bytes_total', 'Bytes sent for slots.'],
    total_forks: ['forks_total', 'Forks.'],
    expired_subkeys: ['expired_subkeys_total', 'Expired fields of hashes.'],
    expired_fields: ['expired_fields_total', 'Expired fields of hashes.'],
    expired_keys: ['expired_keys_total', 'Expired keys.'],
    expired_time_cap_reached_count: [
      'expired_time_cap_reached_total',
      'Cycles of expiry that ended because of their time limit.',
    ],
    expire_cycle_cpu_milliseconds: [
      'expire_cycle_cpu_time_ms_total',
      'CPU time of cycles of expiry.',
      ms('expire_cycle_cpu_seconds_total'),
    ],
    evicted_keys: ['evicted_keys_total', 'Keys evicted because of maxmemory.'],
    evicted_clients: ['evicted_clients_total', 'Clients evicted because of maxmemory-clients.'],
    evicted_scripts: ['evicted_scripts_total', 'Scripts evicted.'],
    total_eviction_exceeded_time: [
      'eviction_exceeded_time_ms_total',
      'Time that memory was over the limit.',
      ms('eviction_exceeded_time_seconds_total'),
    ],
    total_active_defrag_time: [
      'active_defrag_time_seconds_total',
      'Time that memory was over the defragmentation limit.',
      ms('active_defrag_time_seconds_total'),
    ],
    keyspace_hits: ['keyspace_hits_total', 'Lookups that found their key.'],
    keyspace_misses: ['keyspace_misses_total', 'Lookups that did not find their key.'],
    eventloop_cycles: ['eventloop_cycles_total', 'Cycles of the event loop.'],
    eventloop_duration_sum: [
      'eventloop_duration_sum_usec_total',
      'Time spent in the event loop.',
      us('eventloop_duration_seconds_total'),
    ],
    eventloop_duration_cmd_sum: [
      'eventloop_duration_cmd_sum_usec_total',
      'Time spent on commands.',
      us('eventloop_command_duration_seconds_total'),
    ],
    unexpected_error_replies: [
      'unexpected_error_replies',
      'Errors in replies that were not expected.',
      { name: 'unexpected_error_replies_total' },
    ],
    total_error_replies: ['total_error_replies', 'Replies that were errors.', { name: 'error_replies_total' }],
    dump_payload_sanitizations: [
      'dump_payload_sanitizations',
      'Deep checks of dump payloads.',
      { name: 'dump_payload_sanitizations_total' },
    ],
    total_reads_processed: ['total_reads_processed', 'Reads processed.', { name: 'reads_processed_total' }],
    total_writes_processed: ['total_writes_processed', 'Writes processed.', { name: 'writes_processed_total' }],
    io_threaded_reads_processed: [
      'io_threaded_reads_processed',
      'Reads processed by I/O threads.',
      { name: 'io_threaded_reads_processed_total' },
    ],
    io_threaded_writes_processed: [
      'io_threaded_writes_processed',
      'Writes processed by I/O threads.',
      { name: 'io_threaded_writes_processed_total' },
    ],
    io_threaded_freed_objects: ['io_threaded_freed_objects_total', 'Objects freed by I/O threads.'],
    io_threaded_accept_processed: ['io_threaded_accept_processed_total', 'Connections accepted by I/O threads.'],
    io_threaded_poll_processed: ['io_threaded_poll_processed_total', 'Polls by I/O threads.'],
    io_threaded_total_prefetch_batches: ['io_threaded_prefetch_batches_total', 'Batches prefetched by I/O threads.'],
    io_threaded_total_prefetch_entries: ['io_threaded_prefetch_entries_total', 'Entries prefetched by I/O threads.'],
    client_query_buffer_limit_disconnections: [
      'client_query_buffer_limit_disconnections_total',
      'Clients disconnected because of their query buffer.',
    ],
    client_output_buffer_limit_disconnections: [
      'client_output_buffer_limit_disconnections_total',
      'Clients disconnected because of their output buffer.',
    ],
    reply_buffer_shrinks: ['reply_buffer_shrinks_total', 'Reply buffers made smaller.'],
    reply_buffer_expands: ['reply_buffer_expands_total', 'Reply buffers made larger.'],
    acl_access_denied_auth: ['acl_access_denied_auth_total', 'Failed authentications.'],
    acl_access_denied_cmd: ['acl_access_denied_cmd_total', 'Commands denied by ACLs.'],
    acl_access_denied_key: ['acl_access_denied_key_total', 'Keys denied by ACLs.'],
    acl_access_denied_channel: ['acl_access_denied_channel_total', 'Channels denied by ACLs.'],
    acl_access_denied_tls_cert: ['acl_access_denied_tls_cert_total', 'Client certificates denied by ACLs.'],
    acl_access_denied_db: ['acl_access_denied_db_total', 'Databases denied by ACLs.'],
    // KeyDB
    cached_keys: ['cached_keys_total', 'Keys cached.'],
    storage_provider_read_hits: [
      'storage_provider_read_hits',
      'Reads that the storage provider could answer.',
      { name: 'storage_provider_read_hits_total' },
    ],
    storage_provider_read_misses: [
      'storage_provider_read_misses',
      'Reads that the storage provider could not answer.',
      { name: 'storage_provider_read_misses_total' },
    ],
  },
};
