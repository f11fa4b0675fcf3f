import { collector, histogram } from 'exporter-kit';
import { numberOf } from '../rows.ts';
import { postgres } from '../source.ts';

const bounds = [1, 2, 5, 15, 30, 60, 90, 120, 300];

/** For how long idle sessions have been idle. */
export const processIdle = collector({
  name: 'process_idle',
  source: postgres,
  enabled: false,
  metrics: {
    seconds: histogram({
      name: 'pg_process_idle_seconds',
      help: 'Time for which idle sessions have been idle.',
      unit: 'seconds',
      labels: ['state', 'application_name'],
      buckets: bounds,
    }),
  },
  async collect({ seconds }, { client, signal }) {
    const rows = await client.query(SQL, { signal });
    for (const { state, application_name, sum, ...buckets } of rows) {
      const upTo = [
        ...bounds.map((bound) => numberOf(buckets[`le_${bound}`]!, 'le')),
        numberOf(buckets.count!, 'count'),
      ];
      seconds.set(
        { state: state ?? 'unknown', application_name: application_name ?? 'unknown' },
        { counts: upTo.map((count, index) => count - (upTo[index - 1] ?? 0)), sum: numberOf(sum!, 'sum') },
      );
    }
  },
});

const SQL = `
  SELECT state, application_name, sum(idle) AS sum, count(*) AS count,
    ${bounds.map((bound) => `count(*) FILTER (WHERE idle <= ${bound}) AS le_${bound}`).join(', ')}
  FROM (
    SELECT state, application_name, extract(epoch FROM now() - state_change)::bigint AS idle
    FROM pg_stat_activity WHERE state LIKE 'idle%' AND pid <> pg_backend_pid()
  ) AS sessions
  GROUP BY state, application_name`;
