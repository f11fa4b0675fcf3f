import { unsupported } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_buffercache_summary');

/** The buffer cache, by the extension pg_buffercache, since PostgreSQL 16. */
export const buffercacheSummary = rowsCollector({
  name: 'buffercache_summary',
  enabled: false,
  metrics: {
    buffers_used: of.gauge('buffers_used', 'Used buffers.'),
    buffers_unused: of.gauge('buffers_unused', 'Unused buffers.'),
    buffers_dirty: of.gauge('buffers_dirty', 'Dirty buffers.'),
    buffers_pinned: of.gauge('buffers_pinned', 'Pinned buffers.'),
    usagecount_avg: of.gauge('usagecount_avg', 'Average usage count of used buffers.'),
  },
  sql: ({ version }) =>
    version >= 160000
      ? 'SELECT * FROM pg_buffercache_summary()'
      : unsupported('pg_buffercache_summary() exists since PostgreSQL 16'),
});
