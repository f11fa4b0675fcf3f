/** The public face of exporter-kit. */
export { type Collector, collector } from './collect/collector.ts';
export { type Context, type Logger, type Parser, unsupported } from './collect/context.ts';
export { type Job, job } from './collect/job.ts';
export { type Probe, type ProbeContext, probe } from './collect/probe.ts';
export type { FamilyWriter, GaugeWriter, JobWriters, Metrics, Writer, Writers } from './collect/writers.ts';
export { counter, gauge, histogram, info, stateset, summary, untyped } from './metric/declare.ts';
export type { LabelValue } from './metric/labels.ts';
export type {
  Counter,
  Gauge,
  Histogram,
  HistogramValue,
  Info,
  Kind,
  Metric,
  StateSet,
  Summary,
  SummaryValue,
  Untyped,
} from './metric/metric.ts';
