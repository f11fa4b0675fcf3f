import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AggregatorRegistry, Counter } from 'prom-client';
import { familyName, makeApplication } from '../data/calls.ts';
import { countInCluster } from './in-cluster.ts';
import { size } from './told.ts';

const { labelNames, series } = makeApplication(size);
const registry = new AggregatorRegistry();

await countInCluster({
  serve: () =>
    new Promise((resolve) => {
      const server = createServer(async (_, response) => {
        response.setHeader('content-type', registry.contentType);
        response.end(await registry.clusterMetrics());
      });
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`),
      );
    }),
  count() {
    const counters = labelNames.map(
      (names, family) => new Counter({ name: familyName('inc', family), help: 'Made up.', labelNames: [...names] }),
    );
    return () => {
      for (const { family, labels } of series) counters[family]!.inc(labels, 0.5);
    };
  },
});
