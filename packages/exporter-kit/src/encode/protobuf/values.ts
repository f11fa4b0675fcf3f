import type { NativeHistogram } from '../../collect/native-histogram.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { countsIn, hasFractions, nativeSpans, SpanList } from '../../collect/store/native/buckets.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { plain } from '../number.ts';
import { ProtobufWriter } from '../protobuf-writer.ts';

/** Writes the value of a row: all of its metric's message but the labels. */
export type WriteValue = (to: ProtobufWriter, column: SnapshotColumn, row: number) => void;

// Field numbers. Source: io.prometheus.client, metrics.proto.
const METRIC = { counter: 3, summary: 4, histogram: 7 } as const;
const COUNTER = { value: 1, exemplar: 2, start: 3 } as const;
const SUMMARY = { count: 1, sum: 2, quantile: 3, start: 4 } as const;
const QUANTILE = { quantile: 1, value: 2 } as const;
const HISTOGRAM = {
  count: 1,
  sum: 2,
  bucket: 3,
  countFloat: 4,
  schema: 5,
  zeroThreshold: 6,
  zeroCount: 7,
  zeroCountFloat: 8,
  negativeSpan: 9,
  negativeDelta: 10,
  negativeCount: 11,
  positiveSpan: 12,
  positiveDelta: 13,
  positiveCount: 14,
  start: 15,
  exemplars: 16,
} as const;
const BUCKET = { count: 1, bound: 2, exemplar: 3, countFloat: 4 } as const;
const SPAN = { offset: 1, length: 2 } as const;
const EXEMPLAR = { label: 1, value: 2, timestamp: 3 } as const;
const LABEL = { name: 1, value: 2 } as const;
const TIMESTAMP = { seconds: 1, nanos: 2 } as const;

// Counts are 64-bit integers in protobuf.
const MOST = 2 ** 64;
/** The largest number below 2^64. */
const LARGEST = MOST - 2048;

/** A counter with an exemplar, or with the time from which it has counted. */
export const writeCounter: WriteValue = (to, { vals, starts, exemplars }, row) => {
  const counter = to.begin(METRIC.counter);
  to.double(COUNTER.value, plain(vals[row]!));
  const exemplar = exemplars?.[row];
  if (exemplar !== undefined) writeExemplar(to, COUNTER.exemplar, exemplar);
  writeStart(to, COUNTER.start, starts?.[row]);
  to.end(counter);
};

/** Cells: quantiles, sum, count. */
export const writeSummary: WriteValue = (to, { metric, vals, cells, starts }, row) => {
  const from = row * cells;
  const summary = to.begin(METRIC.summary);
  to.integer(SUMMARY.count, Math.min(vals[from + cells - 1]!, LARGEST));
  to.double(SUMMARY.sum, plain(vals[from + cells - 2]!));
  metric.quantiles.forEach((quantile, i) => {
    const one = to.begin(SUMMARY.quantile);
    to.double(QUANTILE.quantile, quantile);
    to.double(QUANTILE.value, plain(vals[from + i]!));
    to.end(one);
  });
  writeStart(to, SUMMARY.start, starts?.[row]);
  to.end(summary);
};

/**
 * Cells: counts by bucket, then the sum. The bucket up to `+Inf` is the count, and written only if it has an exemplar. A
 * native histogram's count is that of its own buckets, beside which classic ones may stand.
 */
export const writeHistogram: WriteValue = (to, column, row) => {
  const { metric, vals, cells, exemplars, starts } = column;
  const { buckets } = metric;
  const from = row * cells;
  const native = nativeIn(column, row);
  let total = 0;
  for (let i = 0; i <= buckets.length; i++) total += vals[from + i]!;
  const histogram = to.begin(METRIC.histogram);
  const fractional = fractionalIn(column, row);
  const isFloat = total >= MOST || fractional !== undefined;
  if (isFloat) to.double(HISTOGRAM.countFloat, fractional?.count ?? total);
  else to.integer(HISTOGRAM.count, native?.count ?? total);
  to.double(HISTOGRAM.sum, plain(vals[from + cells - 1]!));
  let count = 0;
  for (let i = 0; i <= buckets.length; i++) {
    const exemplar = exemplars?.[from + i];
    count += vals[from + i]!;
    if (i === buckets.length && exemplar === undefined) break;
    const bucket = to.begin(HISTOGRAM.bucket);
    if (isFloat) to.double(BUCKET.countFloat, count);
    else to.integer(BUCKET.count, count);
    to.double(BUCKET.bound, buckets[i] ?? Infinity);
    if (exemplar !== undefined) writeExemplar(to, BUCKET.exemplar, exemplar);
    to.end(bucket);
  }
  if (fractional !== undefined) writeFractional(to, fractional);
  else if (native !== undefined) {
    to.signed(HISTOGRAM.schema, native.schema);
    to.double(HISTOGRAM.zeroThreshold, native.zeroThreshold);
    to.integer(HISTOGRAM.zeroCount, native.zeroCount);
    writeSpans(to, HISTOGRAM.negativeSpan, HISTOGRAM.negativeDelta, negative);
    writeSpans(to, HISTOGRAM.positiveSpan, HISTOGRAM.positiveDelta, positive);
    // Nothing else would show that it is native. It may have counted NaN.
    const isBare = native.zeroThreshold === 0 && native.zeroCount === 0 && positive.buckets + negative.buckets === 0;
    if (isBare) writeSpan(to, HISTOGRAM.positiveSpan, 0, 0);
  }
  writeStart(to, HISTOGRAM.start, starts?.[row]);
  if (native?.exemplars !== undefined) {
    for (const exemplar of native.exemplars) writeExemplar(to, HISTOGRAM.exemplars, exemplar);
  } else if (native !== undefined && exemplars !== undefined) {
    for (let at = from; at < from + cells - 1; at++)
      if (exemplars[at] !== undefined) writeExemplar(to, HISTOGRAM.exemplars, exemplars[at]!);
  }
  to.end(histogram);
};

// Of the row that is being written.
const positive = new SpanList();
const negative = new SpanList();

/** A row's native histogram, if it has one, with its buckets in {@link positive} and {@link negative}. */
function nativeIn(
  { nativeCountsOf, nativeOf }: SnapshotColumn,
  row: number,
): Omit<NativeHistogram, 'positive' | 'negative' | 'sum' | 'gauge'> | undefined {
  if (nativeCountsOf !== undefined) {
    const counts = nativeCountsOf(row);
    const { schema, zeroThreshold, zeroCount } = counts;
    positive.ofSide(counts.positive);
    negative.ofSide(counts.negative);
    return { schema, zeroThreshold, zeroCount, count: zeroCount + positive.total + negative.total };
  }
  const native = nativeOf?.(row);
  if (native === undefined) return undefined;
  positive.ofPairs(native.positive);
  negative.ofPairs(native.negative);
  return native;
}

/** A row's native histogram, if its counts have fractions, which those of a feed never have. */
function fractionalIn({ nativeCountsOf, nativeOf }: SnapshotColumn, row: number): NativeHistogram | undefined {
  const native = nativeCountsOf === undefined ? nativeOf?.(row) : undefined;
  return native !== undefined && hasFractions(native) ? native : undefined;
}

function writeFractional(to: ProtobufWriter, native: NativeHistogram): void {
  const spans = nativeSpans(native);
  to.signed(HISTOGRAM.schema, native.schema);
  to.double(HISTOGRAM.zeroThreshold, native.zeroThreshold);
  to.double(HISTOGRAM.zeroCountFloat, native.zeroCount);
  for (const [offset, length] of spans.negative.spans) writeSpan(to, HISTOGRAM.negativeSpan, offset, length);
  to.packedDoubles(HISTOGRAM.negativeCount, countsIn(spans.negative, native.negative));
  for (const [offset, length] of spans.positive.spans) writeSpan(to, HISTOGRAM.positiveSpan, offset, length);
  to.packedDoubles(HISTOGRAM.positiveCount, countsIn(spans.positive, native.positive));
}

function writeSpans(to: ProtobufWriter, spanField: number, deltaField: number, list: SpanList): void {
  for (let i = 0; i < list.spans; i++) writeSpan(to, spanField, list.offsets[i]!, list.lengths[i]!);
  if (list.buckets > 0) to.packedSigned(deltaField, list.deltas, list.buckets);
}

function writeSpan(to: ProtobufWriter, field: number, offset: number, length: number): void {
  const span = to.begin(field);
  to.signed(SPAN.offset, offset);
  to.integer(SPAN.length, length);
  to.end(span);
}

function writeStart(to: ProtobufWriter, field: number, startMs: number | undefined): void {
  if (startMs === undefined || !(startMs > 0)) return;
  writeTime(to, field, startMs);
}

function writeTime(to: ProtobufWriter, field: number, timeMs: number): void {
  const time = to.begin(field);
  const seconds = Math.floor(timeMs / 1000);
  to.integer(TIMESTAMP.seconds, seconds);
  const nanos = Math.round((timeMs - seconds * 1000) * 1e6);
  if (nanos > 0) to.integer(TIMESTAMP.nanos, nanos);
  to.end(time);
}

// An exemplar stays for many scrapes.
const exemplars = new WeakMap<Exemplar, Uint8Array>();

function writeExemplar(to: ProtobufWriter, field: number, exemplar: Exemplar): void {
  const start = to.begin(field);
  const known = exemplars.get(exemplar) ?? exemplarBytes(exemplar);
  exemplars.set(exemplar, known);
  to.raw(known);
  to.end(start);
}

function exemplarBytes({ labels, value, timestampMs }: Exemplar): Uint8Array {
  const to = new ProtobufWriter(128);
  for (const name in labels) {
    const label = to.begin(EXEMPLAR.label);
    to.string(LABEL.name, name);
    to.string(LABEL.value, labels[name]!);
    to.end(label);
  }
  to.double(EXEMPLAR.value, plain(value));
  if (timestampMs > 0) writeTime(to, EXEMPLAR.timestamp, timestampMs);
  return to.take();
}
