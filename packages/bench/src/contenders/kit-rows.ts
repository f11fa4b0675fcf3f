import { setImmediate } from 'node:timers/promises';
import { type Collector, collector, type Exporter, exporter, type Gauge, type GaugeWriter, gauge } from 'exporter-kit';
import { LABELS, type Labels } from '../data/families.ts';
import type { Series } from '../data/gauges.ts';
import type { Source } from '../data/source.ts';

type Labelled = [labels: Labels, value: number];

// A collector with many rows yields to the event loop now and then.
const SLICE_MS = 2;

/** An exporter that writes the source's rows at each scrape. */
export function rowsExporter(source: Source): Exporter {
  const metrics = Object.fromEntries(
    source.names.map((name) => [name, gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS })]),
  ) as { [name: string]: Gauge<Labelled> };
  const rows: Collector = collector({
    name: 'rows',
    metrics,
    async collect(writers) {
      let until = performance.now() + SLICE_MS;
      for (const { name, series } of source.read()) {
        hand(series, writers[name]!);
        if (performance.now() < until) continue;
        await setImmediate();
        until = performance.now() + SLICE_MS;
      }
    },
  });
  return exporter({ name: 'bench_exporter', collectors: [rows] });
}

function hand(series: readonly Series[], writer: GaugeWriter<Labelled>): void {
  for (const { labels, value } of series) writer.set(labels, value);
}
