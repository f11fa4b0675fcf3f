import { above } from 'exporter-kit';
import { families } from '../families.ts';
import { rowsCollector } from '../rows.ts';

const of = families('pg_connections');

const max = of.gauge('max', 'Maximum connections: max_connections.');

/** How many of the server's connections are in use. */
export const connections = rowsCollector({
  name: 'connections',
  metrics: {
    used: of.gauge(
      'used',
      'Connections of clients.',
      {
        name: 'PostgresManyConnections',
        when: above(0.8, { of: max }),
        for: '10m',
        summary: 'Server has used most of its connections.',
      },
      {
        name: 'PostgresConnectionsUsedUp',
        when: above(0.95, { of: max }),
        severity: 'critical',
        summary: 'Server has almost no connections left.',
      },
    ),
    max,
    reserved: of.gauge('reserved', 'Connections reserved for superusers.'),
  },
  sql: () => `
    SELECT count(*) AS used, current_setting('max_connections') AS max,
      current_setting('superuser_reserved_connections') AS reserved
    FROM pg_stat_activity WHERE backend_type = 'client backend'`,
});
