import { collector, exporter, type GaugeWriter, gauge, serve } from 'exporter-kit';
import { LABELS, type Labels } from '../data/families.ts';
import { obey } from './obey.ts';
import { gauges } from './told.ts';
import { waitingOf } from './waiting.ts';

type Labelled = readonly [labels: Labels, value: number];

const { source, duties } = gauges();
const collectors = source.names.map((name, f) => {
  const metric = gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS });
  const wait = waitingOf(f);
  const write = (rows: GaugeWriter<Labelled>): void => {
    for (const { labels, value } of source.read()[f]!.series) rows.set(labels, value);
  };
  return collector({
    name: `rows_${f}`,
    metrics: { rows: metric },
    collect:
      wait === undefined
        ? ({ rows }) => write(rows)
        : async ({ rows }) => {
            await wait();
            write(rows);
          },
  });
});
const { url } = await serve(exporter({ name: 'bench_exporter', collectors }));
obey(`${url}metrics`, duties);
