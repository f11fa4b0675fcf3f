/// <reference types="node" preserve="true" />
/**
 * Counting inside an application or a library: `import { counter, live } from 'exporter-kit/live'`. Has no dependency.
 *
 * @module
 */
export { counter, gauge, histogram, info, stateset } from '../metric/declare.ts';
export type { NativeOption, NativeShape } from '../metric/native.ts';
export type { Shareable } from './across/across.ts';
export { type Folder, folder } from './across/folder/folder.ts';
export { join, type Membership } from './across/join.ts';
export { type ShareOptions, share } from './across/share.ts';
export type { SharedCounts } from './across/thread/threads.ts';
export type { SpanContext, SpanSource } from './exemplars/span.ts';
export type {
  Counting,
  ExemplarLabels,
  Informing,
  InstrumentOf,
  LabelledCounting,
  LabelledInforming,
  LabelledMeasuring,
  LabelledObserving,
  LabelledStating,
  Live,
  LiveMetric,
  LiveMetrics,
  Measuring,
  Observing,
  Stating,
} from './instruments.ts';
export { type LiveDeclaration, live } from './live.ts';
export type { MetricTuning, Tuning } from './tune.ts';
