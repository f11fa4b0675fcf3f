import { executeJob, type Gauge, type GaugeWriter, gauge, type Job, job, type Sink } from 'exporter-kit';
import { LABELS, type Labels } from '../data/families.ts';
import { obey } from './obey.ts';
import { gateway, gauges } from './told.ts';

type Labelled = [labels: Labels, value: number];

const { source, duties } = gauges();
const metrics = Object.fromEntries(
  source.names.map((name) => [name, gauge({ name, help: 'Made up.', unit: 'bytes', labels: LABELS })]),
) as { [name: string]: Gauge<Labelled> };
const rows: Job = job({
  name: 'kit',
  metrics,
  run(writers) {
    for (const { name, series } of source.read()) {
      const writer: GaugeWriter<Labelled> = writers[name]!;
      for (const { labels, value } of series) writer.set(labels, value);
    }
  },
});

/** Runs the job at each `push` command, and delivers its result to a sink. */
export function pushTo(sink: Sink): void {
  obey(gateway, {
    ...duties,
    async push() {
      const { delivered } = await executeJob(rows, { to: [sink] });
      if (delivered[0]?.error !== undefined) throw delivered[0].error;
    },
  });
}
