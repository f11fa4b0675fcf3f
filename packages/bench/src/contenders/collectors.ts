import { collector, type Exporter, exporter, gauge } from 'exporter-kit';
import { LABELS } from '../data/families.ts';
import type { Source } from '../data/source.ts';

/** An exporter with a collector for each family of the source, which writes its rows and returns. */
export function collectorsExporter(source: Source): Exporter {
  const collectors = source.names.map((name, f) => {
    const rows = gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS });
    return collector({
      name: `rows_${f}`,
      metrics: { rows },
      collect(writers) {
        for (const { labels, value } of source.read()[f]!.series) writers.rows.set(labels, value);
      },
    });
  });
  return exporter({ name: 'bench_exporter', collectors });
}
