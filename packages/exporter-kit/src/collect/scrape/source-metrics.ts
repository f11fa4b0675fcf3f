import { counter, gauge } from '../../metric/declare.ts';
import type { Gauge } from '../../metric/metric.ts';
import type { LiveTarget } from '../source/live-target.ts';
import type { Source } from '../source/source.ts';
import type { Target } from '../source/targets.ts';
import type { GaugeWriter } from '../writers.ts';
import type { TargetAnswer } from './join-when-up.ts';
import { type SelfMetrics, selfMetrics } from './self-metrics.ts';

/** `up` of a source's targets; `labels` are those of the targets. */
export function upMetrics(source: Source, labels: readonly string[] = []): SelfMetrics<readonly TargetAnswer[]> {
  // With the label of named targets.
  const up = { ...source.up, labels: labels.map((name) => ({ name })) } as Gauge as Up;
  return selfMetrics({ up }, (write, answers) => {
    for (const { target, answer } of answers) {
      if (target.source === source) setUp(write.up, target.labels, answer.up ? 1 : 0);
    }
  });
}

/** Families about opening and reading a source's targets; `labels` are those of the targets. */
export function sourceVerdict(
  namespace: string,
  source: Source,
  labels: readonly string[] = [],
): SelfMetrics<readonly TargetAnswer[]> {
  const waive = "the prefix is the user's choice";
  const scrape = `${namespace}_scrape_source`;
  const metrics = {
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
  return selfMetrics(metrics, (write, answers) => {
    for (const { target, answer } of answers) {
      if (target.source !== source) continue;
      const { opens, failures } = target.counts;
      const whose = { source: source.name, ...target.labels };
      write.duration.set(whose, answer.durationMs / 1000);
      write.failures.set({ ...whose, stage: 'read' }, failures.read);
      if (source.open === undefined) continue;
      write.opens.set(whose, opens);
      write.failures.set({ ...whose, stage: 'open' }, failures.open);
    }
  });
}

/** Labels that tell a source's targets apart: none for a target without a name. */
export function targetLabels(source: Source, targets: readonly Target[]): readonly string[] {
  return targets.some(({ name }) => name !== undefined) ? [source.label] : [];
}

type Up = Gauge<readonly [labels: LiveTarget['labels'], value: number]>;

/** Without labels, `set` takes the value alone. */
function setUp(
  writer: GaugeWriter<readonly [labels: LiveTarget['labels'], value: number]>,
  labels: LiveTarget['labels'],
  value: number,
): void {
  if (Object.keys(labels).length > 0) writer.set(labels, value);
  else (writer as unknown as GaugeWriter<readonly [value: number]>).set(value);
}
