import { type Collector, collector, exporter, gauge, serve } from 'exporter-kit';
import { data, report } from './contender.ts';

let scrapes = 0;
const turn: Collector = collector({
  name: 'turn',
  metrics: Object.fromEntries(
    data.families.map(({ name }) => [
      name,
      gauge({ name, help: 'Made up.', unit: 'bytes', labels: ['region', 'host', 'disk'] }),
    ]),
  ),
  collect(writers) {
    data.turn(scrapes++);
    for (const { name, series } of data.families) {
      const writer = writers[name]!;
      for (const { labels, value } of series) writer.set(labels, value);
    }
  },
});

const { url } = await serve(exporter({ name: 'bench_exporter', collectors: [turn] }));
report(`${url}metrics`);
