import { counter, gauge } from '../../metric/declare.ts';
import type { Gauge } from '../../metric/metric.ts';
import type { LiveTarget } from '../source/live-target.ts';
import type { Source } from '../source/source.ts';
import type { GaugeWriter } from '../writers.ts';
import type { Asked } from './asked.ts';
import { type SelfMetrics, selfMetrics } from './self-metrics.ts';

/** Families about a source's targets: `up`, and how opening and reading them went. `labels` are those of the targets. */
export function sourceMetrics(
  namespace: string,
  source: Source,
  labels: readonly string[] = [],
): SelfMetrics<readonly Asked[]> {
  const waive = "the prefix is the user's choice";
  const scrape = `${namespace}_scrape_source`;
  const metrics = {
    up: upOf(source, labels),
    duration: gauge({
      name: `${scrape}_duration_seconds`,
      help: 'Duration of opening, if needed, and reading the target.',
      unit: 'seconds',
      labels: ['source', ...labels],
      waive,
    }),
    opens: counter({
      name: `${scrape}_opens_total`,
      help: 'Total number of clients opened.',
      labels: ['source', ...labels],
      waive,
    }),
    failures: counter({
      name: `${scrape}_failures_total`,
      help: 'Total number of failed attempts to open or read the target.',
      labels: ['source', ...labels, 'stage'],
      waive,
    }),
  };
  return selfMetrics(metrics, (write, asked) => {
    for (const { target, answer } of asked) {
      if (target.source !== source) continue;
      const { opens, failures } = target.counts;
      const whose = { source: source.name, ...target.labels };
      setUp(write.up, target.labels, answer.up ? 1 : 0);
      write.duration.set(whose, answer.durationMs / 1000);
      write.failures.set({ ...whose, stage: 'read' }, failures.read);
      if (source.open === undefined) continue;
      write.opens.set(whose, opens);
      write.failures.set({ ...whose, stage: 'open' }, failures.open);
    }
  });
}

type Up = Gauge<readonly [labels: LiveTarget['labels'], value: number]>;

/** A source's `up` with the label of named targets. */
function upOf({ up }: Source, labels: readonly string[]): Up {
  return { ...up, labels: labels.map((name) => ({ name })) } as Gauge as Up;
}

/** Without labels, `set` takes the value alone. */
function setUp(
  writer: GaugeWriter<readonly [labels: LiveTarget['labels'], value: number]>,
  labels: LiveTarget['labels'],
  value: number,
): void {
  if (Object.keys(labels).length > 0) writer.set(labels, value);
  else (writer as unknown as GaugeWriter<readonly [value: number]>).set(value);
}
