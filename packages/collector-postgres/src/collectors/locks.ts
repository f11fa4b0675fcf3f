import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_locks', ['datname', 'mode']);

/** Locks of each database, and how many of them are waited for. */
export const locks = rowsCollector({
  name: 'locks',
  metrics: {
    count: of.gauge('count', 'Locks held or waited for.'),
    waiting: of.gauge('waiting', 'Locks waited for.', {
      name: 'PostgresLocksWaitedFor',
      when: above(20),
      by: ['datname'],
      for: '10m',
      summary: 'Many sessions wait for locks.',
    }),
  },
  sql: () => `
    SELECT datname, modes.mode, count(l.mode) AS count, count(l.mode) FILTER (WHERE NOT granted) AS waiting
    FROM pg_database AS d
      CROSS JOIN unnest(ARRAY['accesssharelock', 'rowsharelock', 'rowexclusivelock', 'shareupdateexclusivelock',
        'sharelock', 'sharerowexclusivelock', 'exclusivelock', 'accessexclusivelock', 'sireadlock']) AS modes (mode)
      LEFT JOIN pg_locks AS l ON l.database = d.oid AND lower(l.mode) = modes.mode
    GROUP BY 1, 2`,
});
