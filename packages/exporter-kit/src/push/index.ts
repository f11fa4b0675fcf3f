/// <reference types="node" preserve="true" />
/**
 * For people who write a sink: what it is given, and how that is read.
 *
 * @module
 */
export type { Logger } from '../collect/context.ts';
export type { Family, LazyFamily, Sample } from '../collect/families.ts';
export type { NativeBucket, NativeHistogram } from '../collect/native-histogram.ts';
export type { Snapshot } from '../collect/scrape/snapshot.ts';
export type { Exemplar, ExemplarLabels } from '../collect/store/exemplar.ts';
export { type NativeSpans, nativeSpans } from '../collect/store/native/buckets.ts';
export { encodeText } from '../encode/encode.ts';
export { encodeOpenMetrics } from '../encode/openmetrics.ts';
export { type ReadOptions, type SamplesOptions, samplesOf } from '../encode/samples.ts';
export type { Escaping } from '../metric/escape.ts';
export type { Kind } from '../metric/metric.ts';
export { checkDelivery } from './group.ts';
export { isPermanentFailure, permanentFailure } from './permanent-failure.ts';
export type { Delivery, Group, Grouping, Mode, Sink, SinkContext } from './sink.ts';
