import { customQueries, postgres, postgresCollectors, queriesConfig } from 'collector-postgres';
import { exporter, nodeRuntime, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const postgresExporter = exporter({
  name: 'postgres_exporter',
  namespace: 'pg',
  version: '0.1.0',
  title: 'PostgreSQL exporter',
  config: z.object({ queries: queriesConfig }),
  collectors: ({ queries }) => [...postgresCollectors, ...customQueries(queries), nodeRuntime()],
  probes: [postgres],
});

await run(postgresExporter, { port: 19103 });
