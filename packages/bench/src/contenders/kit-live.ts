import { exporter, gauge, live, serve } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import { obey } from './obey.ts';
import { gauges } from './told.ts';

// An instrumented application: live gauges that are set between scrapes; bound to their labels, as client_golang's are.
const { source, duties } = gauges();
const instruments = live({
  name: 'application',
  maxSeries: 100_000,
  metrics: Object.fromEntries(
    source.names.map((name) => [name, gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS })]),
  ),
});
const bound = source.read().map(({ name, series }) => series.map(({ labels }) => instruments[name]!.with(labels)));
const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [instruments.collector] }));
obey(`${url}metrics`, {
  ...duties,
  turn(n) {
    source.turn(n);
    for (const [f, { series }] of source.read().entries()) {
      const children = bound[f]!;
      for (let i = 0; i < series.length; i++) children[i]!.set(series[i]!.value);
    }
  },
});
