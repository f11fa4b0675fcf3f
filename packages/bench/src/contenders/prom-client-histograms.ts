import { Histogram, Registry } from 'prom-client';
import { LABELS } from '../data/families.ts';
import { BUCKETS, makeHistograms, observe } from '../data/histograms.ts';
import { listen } from './obey.ts';
import { promClientListener } from './prom-client-http.ts';
import { size } from './told.ts';

const families = makeHistograms(size);
const registry = new Registry();
const made = families.map(
  ({ name }) =>
    new Histogram({ name, help: 'Made up.', labelNames: LABELS, buckets: [...BUCKETS], registers: [registry] }),
);
let reads = 0;

listen(
  promClientListener(registry, () => void reads++),
  {
    reads: () => reads,
    // prom-client takes observations, not counts. They are made between scrapes, which is work that its scrapes need not do.
    turn(n) {
      observe(families, n);
      for (const [f, { series }] of families.entries()) {
        for (const { labels, last } of series) made[f]!.observe(labels, last);
      }
    },
  },
);
