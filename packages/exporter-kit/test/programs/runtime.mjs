// Says whether prom-client is loaded: after importing the door, after making a collector, after a scrape. Then it must end.
import { createRequire } from 'node:module';
import { fromRegistry, nodeRuntime } from 'exporter-kit/prom-client';
import { scrape } from 'exporter-kit/testing';

const { cache } = createRequire(import.meta.url);
const say = (when) =>
  console.log(
    when,
    Object.keys(cache).some((file) => file.includes('prom-client')),
  );
say('imported');
const runtime = nodeRuntime();
fromRegistry({ getMetricsAsArray: () => [], getMetricsAsJSON: async () => [] });
say('made');
await scrape(runtime);
say('scraped');
