import { collector, exporter, histogram, serve } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import { BUCKETS, makeHistograms, observe } from '../data/histograms.ts';
import { obey } from './obey.ts';
import { size } from './told.ts';

const families = makeHistograms(size);
let reads = 0;
const metrics = Object.fromEntries(
  families.map(({ name }) => [
    name,
    histogram({ name, help: 'Made up.', unit: 'seconds', labels: LABELS, buckets: BUCKETS }),
  ]),
);

const rows = collector({
  name: 'rows',
  metrics,
  collect(writers) {
    reads++;
    for (const { name, series } of families) {
      const writer = writers[name]!;
      for (const { labels, counts, sum } of series) writer.set(labels, { counts, sum });
    }
  },
});

const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [rows] }));
obey(`${url}metrics`, { turn: (n) => observe(families, n), reads: () => reads });
