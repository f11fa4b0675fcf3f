/// <reference types="node" preserve="true" />
/**
 * The public face of exporter-kit: what a metric is, who fills it, and where it goes.
 *
 * @module
 */
export {
  type Collector,
  type CollectorDeclaration,
  collector,
  type DynamicDeclaration,
  type DynamicSourceDeclaration,
  type SourceCollector,
  type SourceCollectorDeclaration,
} from './collect/collector.ts';
export { type ConfigOf, type Context, type Logger, type Parser, unsupported } from './collect/context.ts';
export { withLabels, withPrefix } from './collect/decorate.ts';
export type { Destination, ReachableAddress, Resolve, Resolved } from './collect/destination.ts';
export { type Exporter, type ExporterDeclaration, exporter } from './collect/exporter.ts';
export {
  type DynamicProbeDeclaration,
  type Probe,
  type ProbeContext,
  type ProbeDeclaration,
  probe,
} from './collect/probe.ts';
export { denied } from './collect/source/retry-pause.ts';
export {
  type OpenContext,
  type OpenedDeclaration,
  type ReadContext,
  type ReadDeclaration,
  type Source,
  type SourceContext,
  source,
} from './collect/source/source.ts';
export type { FamilyWriter, GaugeWriter, Metrics, Writer, Writers } from './collect/writers.ts';
export type { Shareable } from './live/across/across.ts';
export { type Folder, folder } from './live/across/folder/folder.ts';
export { join, type Membership } from './live/across/join.ts';
export { type ShareOptions, share } from './live/across/share.ts';
export type { SharedCounts } from './live/across/thread/threads.ts';
export type { SpanContext, SpanSource } from './live/exemplars/span.ts';
export type {
  Counting,
  Informing,
  InstrumentOf,
  Live,
  LiveMetric,
  LiveMetrics,
  Measuring,
  Observing,
  Stating,
} from './live/instruments.ts';
export { type LiveDeclaration, live } from './live/live.ts';
export type { MetricTuning, Tuning } from './live/tune.ts';
export {
  counter,
  type Declaration,
  gauge,
  gaugeHistogram,
  histogram,
  info,
  stateset,
  summary,
  untyped,
} from './metric/declare.ts';
export type { LabelValue } from './metric/labels.ts';
export type {
  Counter,
  Gauge,
  GaugeHistogram,
  Histogram,
  HistogramValue,
  Info,
  Kind,
  Metric,
  NativeBucketList,
  NativeHistogramValue,
  NativeValue,
  StateSet,
  Summary,
  SummaryValue,
  Untyped,
} from './metric/metric.ts';
export type { NativeOption, NativeShape } from './metric/native.ts';
export {
  type Alert,
  above,
  below,
  type Condition,
  type Deprecated,
  expiresWithin,
  inState,
  type MetricViews,
  type OwnPanel,
  type OwnRow,
  olderThan,
  type Share,
  type Slo,
  type Views,
} from './metric/views.ts';
export { nodeRuntime } from './node-runtime/node-runtime.ts';
export type { GuardOptions } from './probe/guard.ts';
export { type Module, type Modules, parseModules } from './probe/modules.ts';
export type { Delivered } from './push/deliver.ts';
export { executeJob, type JobOptions, type JobReport } from './push/execute.ts';
export type { Secret } from './push/http/secret.ts';
export { type Job, type JobDeclaration, job } from './push/job.ts';
export type { Adder, JobCounting, JobMeasuring, JobObserving, JobWriters } from './push/job-writers.ts';
export { type PushgatewayOptions, pushgateway } from './push/pushgateway.ts';
export type { Grouping, Sink } from './push/sink.ts';
export type { SpoolOptions } from './push/spool/folder.ts';
export { stdout } from './push/stdout.ts';
export { textfile } from './push/textfile.ts';
export { checkViews, type ViewsOptions } from './run/check-views.ts';
export { flagTable } from './run/flag-table.ts';
export { type RunOptions, run } from './run/run.ts';
export { type RunJobOptions, runJob } from './run/run-job.ts';
export { runViews } from './run/run-views.ts';
export { fetchHandler, type HandlerOptions, nodeListener } from './serve/handlers.ts';
export { type ServeOptions, type Serving, serve } from './serve/serve.ts';
export type { WebConfig, WebTlsConfig } from './serve/web/web-config.ts';
