import { collector, exporter, histogram, serve } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import { BUCKETS, makeHistograms, observe } from '../data/histograms.ts';
import { obey } from './obey.ts';
import { size } from './told.ts';

const families = makeHistograms(size);
let reads = 0;
const collectors = families.map((family, f) =>
  collector({
    name: `rows_${f}`,
    metrics: {
      rows: histogram({ name: family.name, help: 'Made up.', unit: 'seconds', labels: LABELS, buckets: BUCKETS }),
    },
    collect({ rows }) {
      reads++;
      for (const { labels, counts, sum } of family.series) rows.set(labels, { counts, sum });
    },
  }),
);

const { url } = await serve(exporter({ name: 'bench_exporter', collectors }));
obey(`${url}metrics`, { turn: (n) => observe(families, n), reads: () => reads });
