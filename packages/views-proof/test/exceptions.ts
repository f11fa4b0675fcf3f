import type { Exception } from '../src/exceptions.ts';

/** What does not occur where every program runs well, with servers and a machine as they are here. */
export const withoutSeries: readonly Exception[] = [
  { of: /_scrape_collector_cache_age_seconds/, because: 'no collector keeps its result' },
  { of: /_scrape_collector_overdue_seconds/, because: 'every run ends in time' },
  { of: /_dropped_samples/, because: 'all samples are valid' },
  {
    of: /histogram_count.*(nodejs_gc_duration|redis_commands_latencies)/,
    because: 'written with classic buckets only',
  },

  { of: /probe_ssl_last_chain_expiry/, because: 'the chain is not verified' },
  { of: /probe_http_last_modified_timestamp_seconds/, because: 'the site does not say when it was modified' },

  { of: /node_scrape_collector_partial_errors_total/, because: 'all files could be read' },
  {
    of: /node_cpu_(core_throttles|package_throttles|isolated|online|info|guest|frequency|scaling)/,
    because: 'of real CPUs',
  },
  { of: /node_disk_/, because: 'of real disks' },
  { of: /node_filesystem_/, because: 'a container may have no file system of its own' },

  { of: /redis_(search|bf|json)_/, because: 'needs a module' },
  { of: /redis_(commandlog|scripting_engines|storage_provider|long_lock_waits|active_time)/, because: 'Valkey has it' },
  {
    of: /redis_(io_threaded_(poll|accept|freed|prefetch)|acl_access_denied_(db|tls_cert)|clients_hz)/,
    because: 'Valkey has it',
  },
  {
    of: /redis_(clients_paused_timeout|expired_fields|mem_replicas_repl_buffer|replicas_waiting)/,
    because: 'Valkey has it',
  },
  { of: /_cluster_slot_(import|export)_bytes|redis_slot_migration/, because: 'Valkey has it' },
  { of: /redis_(server_threads|current_client_thread|cached_keys|db_keys_cached)/, because: 'KeyDB has it' },
  { of: /redis_memory_max_(fragmentation_)?reservation/, because: 'KeyDB has it' },
  { of: /redis_(client_(biggest|longest)|aof_rewrite_buffer_length)/, because: 'Redis before version 5 or 7 has it' },
  { of: /redis_(sentinel_)?config_(key_)?value/, because: 'served only if asked for' },
  { of: /redis_tls_/, because: 'servers without TLS' },
  { of: /redis_script_(values|result)/, because: 'no script is configured' },
  { of: /redis_master_link_down_since_seconds/, because: 'the link is up' },
  { of: /redis_sentinel_peer_info/, because: 'a sentinel alone' },

  { of: /pg_stat_(database_stats_reset|user_tables_last_autovacuum)/, because: 'that never happened' },
  { of: /pg_stat_progress_vacuum/, because: 'no VACUUM runs' },
  { of: /pg_stat_activity_autovacuum/, because: 'no autovacuum runs' },
  { of: /pg_stat_bgwriter_(checkpoint|buffers_(checkpoint|backend))/, because: 'PostgreSQL before version 17 has it' },
  { of: /pg_stat_wal_receiver_upstream_node/, because: 'needs repmgr' },
  { of: /pg_replication_slot_(inactive|safe_wal_size)/, because: 'the slot is in use, and may keep any size' },
  { of: /pg_stat_replication_(write|flush|replay)_lag/, because: 'nothing is written' },
];

/** What VictoriaMetrics does not answer though Prometheus does. */
export const notInVictoria: readonly Exception[] = [
  {
    of: /histogram_count\(/,
    because: 'it has no such function, and stores _count for native histograms, which another query asks for',
  },
  {
    of: /pg_stat_archiver_last_archive_age/,
    because: 'it is NaN without an archive, which VictoriaMetrics does not store',
  },
];
