import { Buffer } from 'node:buffer';
import type { Sample } from '../../collect/families.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import type { ProtobufWriter } from '../../encode/protobuf-writer.ts';
import { denseBuckets, fewBuckets } from './buckets.ts';
import type { ExponentialPoint, HistogramPoint, NumberPoint, Point, SummaryPoint } from './points.ts';

// Fields of the messages. Source: opentelemetry-proto, metrics/v1 and common/v1.
const START = 2;
const TIME = 3;
const NUMBER = { value: 4, exemplars: 5, attributes: 7 };
const HISTOGRAM = { count: 4, sum: 5, counts: 6, bounds: 7, exemplars: 8, attributes: 9 };
const EXPONENTIAL = {
  ...{ attributes: 1, count: 4, sum: 5, scale: 6, zeroCount: 7, positive: 8, negative: 9 },
  ...{ exemplars: 11, zeroThreshold: 14 },
};
const BUCKETS = { offset: 1, counts: 2 };
const SUMMARY = { count: 4, sum: 5, quantiles: 6, attributes: 7 };
const QUANTILE = { quantile: 1, value: 2 };
const EXEMPLAR = { time: 2, value: 3, span: 4, trace: 5, attributes: 7 };
const KEY = 1;
const VALUE = 2;
const STRING_VALUE = 1;

/** Writes a data point into a list of such in field `field`. */
export function writePoint(to: ProtobufWriter, field: number, point: Point, timeMs: number): void {
  const start = to.begin(field);
  if (point.startMs !== undefined) to.fixed(START, nanos(point.startMs));
  to.fixed(TIME, nanos(timeMs));
  switch (point.type) {
    case 'histogram':
      writeHistogram(to, point);
      break;
    case 'exponential':
      writeExponential(to, point);
      break;
    case 'summary':
      writeSummary(to, point);
      break;
    default:
      writeNumber(to, point);
  }
  to.end(start);
}

const nanos = (ms: number): bigint => BigInt(Math.trunc(ms)) * 1_000_000n;

function writeNumber(to: ProtobufWriter, { labels, value, exemplars }: NumberPoint): void {
  to.double(NUMBER.value, value);
  writeExemplars(to, NUMBER.exemplars, exemplars);
  writeAttributes(to, NUMBER.attributes, labels);
}

function writeHistogram(to: ProtobufWriter, point: HistogramPoint): void {
  to.fixed(HISTOGRAM.count, BigInt(point.count));
  if (point.sum !== undefined) to.double(HISTOGRAM.sum, point.sum);
  to.packedFixed(HISTOGRAM.counts, point.counts);
  if (point.bounds.length > 0) to.packedDoubles(HISTOGRAM.bounds, point.bounds);
  writeExemplars(to, HISTOGRAM.exemplars, point.exemplars);
  writeAttributes(to, HISTOGRAM.attributes, point.labels);
}

function writeExponential(to: ProtobufWriter, { labels, native, exemplars }: ExponentialPoint): void {
  const { schema, zeroThreshold, zeroCount, sum, count, positive, negative } = fewBuckets(native);
  writeAttributes(to, EXPONENTIAL.attributes, labels);
  to.fixed(EXPONENTIAL.count, BigInt(count));
  to.double(EXPONENTIAL.sum, sum);
  to.signed(EXPONENTIAL.scale, schema);
  to.fixed(EXPONENTIAL.zeroCount, BigInt(zeroCount));
  for (const [field, buckets] of [
    [EXPONENTIAL.positive, positive],
    [EXPONENTIAL.negative, negative],
  ] as const) {
    if (buckets.length === 0) continue;
    const { offset, counts } = denseBuckets(buckets);
    const start = to.begin(field);
    to.signed(BUCKETS.offset, offset);
    to.packed(BUCKETS.counts, counts);
    to.end(start);
  }
  writeExemplars(to, EXPONENTIAL.exemplars, exemplars);
  to.double(EXPONENTIAL.zeroThreshold, zeroThreshold);
}

function writeSummary(to: ProtobufWriter, { labels, quantiles, sum, count }: SummaryPoint): void {
  to.fixed(SUMMARY.count, BigInt(count));
  to.double(SUMMARY.sum, sum);
  for (const [quantile, value] of quantiles) {
    const start = to.begin(SUMMARY.quantiles);
    to.double(QUANTILE.quantile, quantile);
    to.double(QUANTILE.value, value);
    to.end(start);
  }
  writeAttributes(to, SUMMARY.attributes, labels);
}

const TRACE_ID = /^[0-9a-f]{32}$/i;
const SPAN_ID = /^[0-9a-f]{16}$/i;

function writeExemplars(to: ProtobufWriter, field: number, exemplars: readonly Exemplar[]): void {
  for (const { labels, value, timestampMs } of exemplars) {
    const start = to.begin(field);
    to.fixed(EXEMPLAR.time, nanos(timestampMs));
    to.double(EXEMPLAR.value, value);
    const { trace_id: trace = '', span_id: span = '', ...others } = labels;
    if (SPAN_ID.test(span)) to.block(EXEMPLAR.span, Buffer.from(span, 'hex'));
    else writeAttributes(to, EXEMPLAR.attributes, { span_id: span });
    if (TRACE_ID.test(trace)) to.block(EXEMPLAR.trace, Buffer.from(trace, 'hex'));
    else writeAttributes(to, EXEMPLAR.attributes, { trace_id: trace });
    writeAttributes(to, EXEMPLAR.attributes, others);
    to.end(start);
  }
}

/** Writes labels as attributes; an empty label is the same as none. */
export function writeAttributes(to: ProtobufWriter, field: number, labels: Sample['labels']): void {
  for (const name in labels) {
    const text = labels[name]!;
    if (text === '') continue;
    const start = to.begin(field);
    to.string(KEY, name);
    const value = to.begin(VALUE);
    to.string(STRING_VALUE, text);
    to.end(value);
    to.end(start);
  }
}
