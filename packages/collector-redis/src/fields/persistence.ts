import type { Fields } from './field.ts';

/** Persistence. */
export const persistence: Fields = {
  gauges: {
    loading: ['loading_dump_file', 'Whether a dump file is being loaded.'],
    async_loading: ['async_loading', 'Whether a replica loads data while it serves the old.'],
    current_cow_peak: ['current_cow_peak_bytes', 'Peak of copy-on-write memory of the running child.'],
    current_cow_size: ['current_cow_size_bytes', 'Copy-on-write memory of the running child.'],
    current_cow_size_age: ['current_cow_size_age_seconds', 'Age of current_cow_size.'],
    current_fork_perc: [
      'current_fork_progress_ratio',
      'Progress of the running fork.',
      { name: 'current_fork_progress_ratio', divide: 100 },
    ],
    current_save_keys_processed: ['current_save_keys_processed', 'Keys processed by the running save.'],
    current_save_keys_total: ['current_save_keys', 'Keys at the start of the running save.'],
    rdb_changes_since_last_save: ['rdb_changes_since_last_save', 'Changes since the last dump.'],
    rdb_bgsave_in_progress: ['rdb_bgsave_in_progress', 'Whether a dump is being written.'],
    rdb_last_save_time: ['rdb_last_save_timestamp_seconds', 'Time of the last successful dump, in Unix time.'],
    rdb_last_bgsave_status: ['rdb_last_bgsave_status', 'Whether the last dump succeeded.'],
    rdb_last_bgsave_time_sec: [
      'rdb_last_bgsave_duration_sec',
      'Duration of the last dump, in seconds; -1 without one.',
      { name: 'rdb_last_bgsave_duration_seconds' },
    ],
    rdb_current_bgsave_time_sec: [
      'rdb_current_bgsave_duration_sec',
      'Time the running dump has taken, in seconds; -1 without one.',
      { name: 'rdb_current_bgsave_duration_seconds' },
    ],
    rdb_saves: ['rdb_saves_total', 'Dumps since the server started.', { name: 'rdb_saves_total', kind: 'counter' }],
    rdb_last_cow_size: ['rdb_last_cow_size_bytes', 'Copy-on-write memory of the last dump.'],
    rdb_last_load_keys_expired: ['rdb_last_load_expired_keys', 'Expired keys in the dump that was loaded last.'],
    rdb_last_load_keys_loaded: ['rdb_last_load_loaded_keys', 'Keys in the dump that was loaded last.'],
    aof_enabled: ['aof_enabled', 'Whether the AOF is on.'],
    aof_rewrite_in_progress: ['aof_rewrite_in_progress', 'Whether the AOF is being rewritten.'],
    aof_rewrite_scheduled: ['aof_rewrite_scheduled', 'Whether the AOF will be rewritten after the running dump.'],
    aof_last_rewrite_time_sec: [
      'aof_last_rewrite_duration_sec',
      'Duration of the last rewrite of the AOF, in seconds; -1 without one.',
      { name: 'aof_last_rewrite_duration_seconds' },
    ],
    aof_current_rewrite_time_sec: [
      'aof_current_rewrite_duration_sec',
      'Time the running rewrite of the AOF has taken, in seconds; -1 without one.',
      { name: 'aof_current_rewrite_duration_seconds' },
    ],
    aof_rewrites_consecutive_failures: ['aof_rewrites_consecutive_failures', 'Failed rewrites of the AOF in a row.'],
    aof_last_cow_size: ['aof_last_cow_size_bytes', 'Copy-on-write memory of the last rewrite of the AOF.'],
    aof_current_size: ['aof_current_size_bytes', 'Size of the AOF.'],
    aof_base_size: ['aof_base_size_bytes', 'Size of the AOF after startup or its last rewrite.'],
    aof_pending_rewrite: ['aof_pending_rewrite', 'Whether the AOF will be rewritten after the running dump.'],
    aof_buffer_length: ['aof_buffer_length', 'Size of the AOF buffer, in bytes.', { name: 'aof_buffer_bytes' }],
    aof_rewrite_buffer_length: [
      'aof_rewrite_buffer_length',
      'Size of the buffer for rewriting the AOF, in bytes.',
      { name: 'aof_rewrite_buffer_bytes' },
    ],
    aof_pending_bio_fsync: ['aof_pending_bio_fsync', 'Calls of fsync waiting in the background.'],
    aof_delayed_fsync: [
      'aof_delayed_fsync',
      'Delayed calls of fsync.',
      { name: 'aof_delayed_fsync_total', kind: 'counter' },
    ],
    aof_last_bgrewrite_status: ['aof_last_bgrewrite_status', 'Whether the last rewrite of the AOF succeeded.'],
    aof_last_write_status: ['aof_last_write_status', 'Whether the last write to the AOF succeeded.'],
    module_fork_in_progress: ['module_fork_in_progress', 'Whether a module has forked.'],
    module_fork_last_cow_size: [
      'module_fork_last_cow_size',
      'Copy-on-write memory of the last fork of a module, in bytes.',
      { name: 'module_fork_last_cow_size_bytes' },
    ],
    slot_migration_fork_in_progress: ['slot_migration_fork_in_progress', 'Whether a fork migrates slots.'],
  },
  counters: {
    aof_rewrites: ['aof_rewrites_total', 'Rewrites of the AOF since the server started.'],
  },
};
