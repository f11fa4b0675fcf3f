import { redis, redisCollectors } from 'collector-redis';
import { exporter, nodeRuntime, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const redisExporter = exporter({
  name: 'redis_exporter',
  namespace: 'redis',
  version: '0.1.0',
  title: 'Redis exporter',
  config: z.object({ names: z.enum(['classic', 'clean']).default('classic').describe('How families are called.') }),
  collectors: ({ names }) => [...redisCollectors({ names }), nodeRuntime()],
  probes: [redis],
});

await run(redisExporter, { port: 19102 });
