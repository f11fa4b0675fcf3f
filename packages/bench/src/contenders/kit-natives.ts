import { exporter, histogram, live, serve } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import { makeNatives, NATIVE_VALUES, observedAt } from '../data/natives.ts';
import { obey } from './obey.ts';
import { size } from './told.ts';

// An instrumented application, as client_golang's native histograms are.
const families = makeNatives(size);
const instruments = live({
  name: 'application',
  maxSeries: size,
  span: false,
  metrics: Object.fromEntries(
    families.map(({ name }) => [
      name,
      histogram({ name, help: 'Made up.', unit: 'seconds', labels: LABELS, buckets: [] }),
    ]),
  ),
});

function observe(value: number): void {
  for (const { name, series } of families) {
    const instrument = instruments[name]!;
    for (const { labels } of series) instrument.observe(labels, value);
  }
}

for (const value of NATIVE_VALUES) observe(value);
const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [instruments.collector] }));
obey(`${url}metrics`, { turn: (n) => observe(observedAt(n)), reads: () => 0 });
