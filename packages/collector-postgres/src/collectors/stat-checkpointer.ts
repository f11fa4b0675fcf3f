import { unsupported } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_checkpointer');

/** Checkpoints, since PostgreSQL 17. */
export const statCheckpointer = rowsCollector({
  name: 'stat_checkpointer',
  metrics: {
    num_timed: of.counter('num_timed_total', 'Scheduled checkpoints.'),
    num_requested: of.counter('num_requested_total', 'Requested checkpoints.'),
    restartpoints_timed: of.counter('restartpoints_timed_total', 'Scheduled restartpoints.'),
    restartpoints_req: of.counter('restartpoints_req_total', 'Requested restartpoints.'),
    restartpoints_done: of.counter('restartpoints_done_total', 'Restartpoints that were performed.'),
    write_time: of.counter('write_time_total', 'Time of writing checkpoints and restartpoints, in milliseconds.'),
    sync_time: of.counter('sync_time_total', 'Time of syncing checkpoints and restartpoints, in milliseconds.'),
    buffers_written: of.counter('buffers_written_total', 'Buffers written by checkpoints and restartpoints.'),
    reset: of.counter('stats_reset_total', 'When these statistics were last reset, in Unix time.'),
  },
  sql: ({ version }) =>
    version >= 170000
      ? 'SELECT *, coalesce(floor(extract(epoch FROM stats_reset)), 0) AS reset FROM pg_stat_checkpointer'
      : unsupported('pg_stat_checkpointer exists since PostgreSQL 17'),
});
