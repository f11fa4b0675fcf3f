import { host, paths } from 'collector-host';
import { exporter, nodeRuntime, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const hostExporter = exporter({
  name: 'host_exporter',
  namespace: 'node',
  version: '0.1.0',
  title: 'Host exporter',
  config: z.object({ path: paths }),
  collectors: ({ path }) => [...host(path), nodeRuntime()],
});

await run(hostExporter, { port: 19100 });
