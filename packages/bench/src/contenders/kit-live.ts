import { exporter, gauge, live, serve } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import { obey } from './obey.ts';
import { gauges } from './told.ts';

// An instrumented application: live gauges that are set between scrapes.
const { source, duties } = gauges();
const instruments = live({
  name: 'application',
  maxSeries: 100_000,
  metrics: Object.fromEntries(
    source.names.map((name) => [name, gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS })]),
  ),
});
const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [instruments.collector] }));
obey(`${url}metrics`, {
  ...duties,
  turn(n) {
    source.turn(n);
    for (const { name, series } of source.read()) {
      const instrument = instruments[name]!;
      for (const { labels, value } of series) instrument.set(labels, value);
    }
  },
});
