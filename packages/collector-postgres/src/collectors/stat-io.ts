import { unsupported } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_stat_io', ['backend_type', 'object', 'context']);

/** I/O by what kind of process and for what, since PostgreSQL 16. */
export const statIo = rowsCollector({
  name: 'stat_io',
  metrics: {
    reads: of.counter('reads_total', 'Read operations.'),
    read_seconds: of.counter('read_seconds_total', 'Time of reading, with track_io_timing.'),
    writes: of.counter('writes_total', 'Write operations.'),
    write_seconds: of.counter('write_seconds_total', 'Time of writing, with track_io_timing.'),
    extends: of.counter('extends_total', 'Operations that extended a relation.'),
    hits: of.counter('hits_total', 'Blocks found in the buffer cache.'),
    evictions: of.counter('evictions_total', 'Blocks evicted to make room for others.'),
    fsyncs: of.counter('fsyncs_total', 'Calls of fsync.'),
  },
  sql: ({ version }) =>
    version >= 160000
      ? 'SELECT *, read_time / 1000 AS read_seconds, write_time / 1000 AS write_seconds FROM pg_stat_io'
      : unsupported('pg_stat_io exists since PostgreSQL 16'),
});
