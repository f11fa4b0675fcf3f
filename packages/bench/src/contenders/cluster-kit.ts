import cluster from 'node:cluster';
import { counter, exporter, join, live, serve, share } from 'exporter-kit';
import { familyName, makeApplication } from '../data/calls.ts';
import { countInCluster } from './in-cluster.ts';
import { size } from './told.ts';

const { labelNames, series } = makeApplication(size);
const application = labelNames.map((labels, family) => {
  const name = familyName('inc', family);
  return live({ name, maxSeries: 10_000, metrics: { made: counter({ name, help: 'Made up.', labels }) } });
});

await countInCluster({
  async serve() {
    share(application, cluster);
    const collectors = application.map(({ collector }) => collector);
    return `${(await serve(exporter({ name: 'bench_exporter', collectors }))).url}metrics`;
  },
  count() {
    join(application, process);
    return () => {
      for (const { family, labels } of series) application[family]!.made.inc(labels, 0.5);
    };
  },
});
