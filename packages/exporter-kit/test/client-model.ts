import { create, createFileRegistry, fromBinary, type Message } from '@bufbuild/protobuf';
import { sizeDelimitedEncode, sizeDelimitedPeek } from '@bufbuild/protobuf/wire';
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { canonical } from '../src/metric/canonical.ts';

/**
 * `io.prometheus.client` as its own metrics.proto declares it, for an independent parser. Source:
 * github.com/prometheus/client_model.
 */
const messages: { readonly [message: string]: string } = {
  LabelPair: 'string name 1, string value 2',
  Gauge: 'double value 1',
  Counter: 'double value 1, Exemplar exemplar 2, Timestamp created_timestamp 3',
  Quantile: 'double quantile 1, double value 2',
  Summary: 'uint64 sample_count 1, double sample_sum 2, *Quantile quantile 3, Timestamp created_timestamp 4',
  Untyped: 'double value 1',
  Histogram: [
    'uint64 sample_count 1, double sample_count_float 4, double sample_sum 2, *Bucket bucket 3, sint32 schema 5',
    'double zero_threshold 6, uint64 zero_count 7, double zero_count_float 8',
    '*BucketSpan negative_span 9, *sint64 negative_delta 10, *double negative_count 11',
    '*BucketSpan positive_span 12, *sint64 positive_delta 13, *double positive_count 14',
    'Timestamp created_timestamp 15, *Exemplar exemplars 16',
  ].join(', '),
  Bucket: 'uint64 cumulative_count 1, double cumulative_count_float 4, double upper_bound 2, Exemplar exemplar 3',
  BucketSpan: 'sint32 offset 1, uint32 length 2',
  Exemplar: '*LabelPair label 1, double value 2, Timestamp timestamp 3',
  Timestamp: 'int64 seconds 1, int32 nanos 2',
  Metric:
    '*LabelPair label 1, Gauge gauge 2, Counter counter 3, Summary summary 4, Untyped untyped 5, Histogram histogram 7, int64 timestamp_ms 6',
  MetricFamily: 'string name 1, string help 2, MetricType type 3, *Metric metric 4, string unit 5',
};

const types: { readonly [name: string]: Type } = {
  string: Type.STRING,
  double: Type.DOUBLE,
  uint32: Type.UINT32,
  int32: Type.INT32,
  int64: Type.INT64,
  uint64: Type.UINT64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
  MetricType: Type.ENUM,
};

const PACKAGE = '.io.prometheus.client';

function fieldOf(text: string) {
  const [, many, type, name, number] = /^(\*?)(\w+) (\w+) (\d+)$/.exec(text)!;
  const known = types[type!];
  return {
    name: name!,
    number: Number(number),
    type: known ?? Type.MESSAGE,
    label: many === '*' ? Label.REPEATED : Label.OPTIONAL,
    ...(known === undefined || known === Type.ENUM ? { typeName: `${PACKAGE}.${type}` } : {}),
  };
}

const kinds = ['COUNTER', 'GAUGE', 'SUMMARY', 'UNTYPED', 'HISTOGRAM', 'GAUGE_HISTOGRAM'];

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'metrics.proto',
    package: PACKAGE.slice(1),
    syntax: 'proto2',
    enumType: [{ name: 'MetricType', value: kinds.map((name, number) => ({ name, number })) }],
    messageType: Object.entries(messages).map(([name, fields]) => ({ name, field: fields.split(', ').map(fieldOf) })),
  }),
  () => undefined,
);

interface ModelTime {
  seconds: bigint;
  nanos: number;
}
interface ModelExemplar {
  label: { name: string; value: string }[];
  value: number;
  timestamp?: ModelTime;
}
export interface ModelHistogram {
  sampleCount: bigint;
  sampleCountFloat: number;
  sampleSum: number;
  bucket: { cumulativeCount: bigint; cumulativeCountFloat: number; upperBound: number; exemplar?: ModelExemplar }[];
  schema: number;
  zeroThreshold: number;
  zeroCount: bigint;
  negativeSpan: { offset: number; length: number }[];
  negativeDelta: bigint[];
  positiveSpan: { offset: number; length: number }[];
  positiveDelta: bigint[];
  createdTimestamp?: ModelTime;
  exemplars: ModelExemplar[];
}
export interface ModelMetric {
  label: { name: string; value: string }[];
  gauge?: { value: number };
  counter?: { value: number; exemplar?: ModelExemplar; createdTimestamp?: ModelTime };
  untyped?: { value: number };
  summary?: {
    sampleCount: bigint;
    sampleSum: number;
    quantile: { quantile: number; value: number }[];
    createdTimestamp?: ModelTime;
  };
  histogram?: ModelHistogram;
}
export interface ModelFamily {
  name: string;
  help: string;
  type: string;
  unit: string;
  metric: ModelMetric[];
}

const schema = registry.getMessage(`${PACKAGE.slice(1)}.MetricFamily`)!;

type Init<T> = T extends readonly (infer E)[] ? Init<E>[] : T extends object ? { [K in keyof T]?: Init<T[K]> } : T;

/** Families as another program would write them: what is left out is not in the bytes. */
export function encodeFamilies(families: readonly Init<ModelFamily>[]): Uint8Array {
  const messages = families.map(({ type, ...rest }) => {
    const message = create(schema, { ...rest, type: kinds.indexOf(type!) } as never);
    return sizeDelimitedEncode(schema, message);
  });
  return Uint8Array.from(Buffer.concat(messages));
}

/** The families of a delimited exposition. */
export function decodeFamilies(bytes: Uint8Array): ModelFamily[] {
  const families: ModelFamily[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { size, offset } = sizeDelimitedPeek(bytes.subarray(at, at + 10)) as { size: number; offset: number };
    if (at + offset + size > bytes.length) throw new RangeError(`a message of ${size} bytes ends after the exposition`);
    const family = fromBinary(schema, bytes.subarray(at + offset, at + offset + size));
    if (family.$unknown !== undefined) throw new TypeError(`unknown fields: ${JSON.stringify(family.$unknown)}`);
    const { type, ...rest } = family as Message & { type: number } & Omit<ModelFamily, 'type'>;
    families.push({ ...rest, unit: rest.unit ?? '', type: kinds[type]! });
    at += offset + size;
  }
  return families;
}

/** The absolute counts of a side's buckets, by index. */
export function bucketsOf(spans: ModelHistogram['positiveSpan'], deltas: readonly bigint[]): Map<number, bigint> {
  const counts = new Map<number, bigint>();
  let index = 0;
  let count = 0n;
  let next = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, index++) {
      count += deltas[next++]!;
      if (count !== 0n) counts.set(index, count);
    }
  }
  if (next !== deltas.length) throw new RangeError(`${deltas.length} deltas in spans of ${next} buckets`);
  return counts;
}

/** The samples of an exposition as text 0.0.4 would have them, each as one string: name, labels in order, value. */
export function classicLines(families: readonly ModelFamily[]): string[] {
  const lines: string[] = [];
  for (const { name, metric } of families) {
    for (const one of metric) {
      const add = (suffix: string, value: number | bigint, own: { [label: string]: string } = {}): void => {
        const labels = [...one.label.map((label) => [label.name, label.value]), ...Object.entries(own)];
        lines.push(lineOf(name + suffix, labels as [string, string][], Number(value)));
      };
      const number = one.gauge ?? one.counter ?? one.untyped;
      if (number !== undefined) add('', number.value);
      if (one.summary !== undefined) {
        for (const { quantile, value } of one.summary.quantile) add('', value, { quantile: canonical(quantile) });
        add('_sum', one.summary.sampleSum);
        add('_count', one.summary.sampleCount);
      }
      if (one.histogram !== undefined) {
        const { bucket, sampleCount, sampleCountFloat, sampleSum } = one.histogram;
        const total = sampleCountFloat > 0 ? sampleCountFloat : sampleCount;
        const finite = bucket.filter(({ upperBound }) => upperBound !== Infinity);
        for (const { upperBound, cumulativeCount, cumulativeCountFloat } of finite)
          add('_bucket', cumulativeCountFloat || cumulativeCount, { le: canonical(upperBound) });
        add('_bucket', total, { le: '+Inf' });
        add('_sum', sampleSum);
        add('_count', total);
      }
    }
  }
  return lines;
}

/** A sample as {@link classicLines} has it. Empty labels are none. */
export function lineOf(name: string, labels: Iterable<readonly [string, string]>, value: number): string {
  const pairs = [...labels].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, pairs, Object.is(value, -0) ? '-0' : String(value)]);
}
