import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_bgwriter');

/** The background writer and, before PostgreSQL 17, checkpoints. */
export const statBgwriter = rowsCollector({
  name: 'stat_bgwriter',
  metrics: {
    checkpoints_timed: of.counter('checkpoints_timed_total', 'Scheduled checkpoints.'),
    checkpoints_req: of.counter('checkpoints_req_total', 'Requested checkpoints.'),
    checkpoint_write_time: of.counter('checkpoint_write_time_total', 'Time of writing checkpoints, in milliseconds.'),
    checkpoint_sync_time: of.counter('checkpoint_sync_time_total', 'Time of syncing checkpoints, in milliseconds.'),
    buffers_checkpoint: of.counter('buffers_checkpoint_total', 'Buffers written by checkpoints.'),
    buffers_clean: of.counter('buffers_clean_total', 'Buffers written by the background writer.'),
    maxwritten_clean: of.counter('maxwritten_clean_total', 'Cleaning scans that ended early, with too much written.'),
    buffers_backend: of.counter('buffers_backend_total', 'Buffers written by backends.'),
    buffers_backend_fsync: of.counter('buffers_backend_fsync_total', 'Calls of fsync by backends.'),
    buffers_alloc: of.counter('buffers_alloc_total', 'Buffers allocated.'),
    reset: of.counter('stats_reset_total', 'When these statistics were last reset, in Unix time.'),
  },
  sql: () => `SELECT *, coalesce(floor(extract(epoch FROM stats_reset)), 0) AS reset FROM pg_stat_bgwriter`,
});
