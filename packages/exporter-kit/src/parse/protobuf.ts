import type { Family, Sample } from '../collect/families.ts';
import type { NativeBucket, NativeHistogram } from '../collect/native-histogram.ts';
import type { Exemplar } from '../collect/store/exemplar.ts';
import { canonical } from '../metric/canonical.ts';
import type { Kind } from '../metric/metric.ts';
import {
  delimited,
  doubleIn,
  doubleListIn,
  type Field,
  fieldsOf,
  numberIn,
  signedIn,
  signedListIn,
  textIn,
} from './protobuf-reader.ts';

const kinds: readonly Kind[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram'];
const GAUGE_HISTOGRAM = 5;

type Labels = { [name: string]: string };
type Part = Partial<Sample> & Pick<Sample, 'value'>;

/**
 * Parses an exposition in protobuf: delimited messages `io.prometheus.client.MetricFamily`. A histogram has the samples of
 * text; a native one is a sample with `native` before them, or in place of them if it has no classic buckets. A family may be
 * in several messages.
 *
 * @example
 * const [family] = parseProtobuf(new Uint8Array(await response.arrayBuffer()));
 * family.samples[0].native?.positive // [[-2, 3], [-1, 5]]
 * @throws Error if it is cut short or malformed, or has a type or spans that make no sense.
 */
export function parseProtobuf(exposition: Uint8Array): Family[] {
  const families = new Map<string, Family>();
  for (const { message, at } of delimited(exposition)) {
    const family = familyIn(message, at);
    const { name, kind, samples } = family;
    const known = families.get(name);
    if (known !== undefined && known.kind !== kind)
      throw new Error(`protobuf: family ${name} is a ${known.kind}, and a ${kind} further on.`);
    families.set(name, known === undefined ? family : { ...known, samples: [...known.samples, ...samples] });
  }
  return [...families.values()];
}

function familyIn(message: Uint8Array, at: number): Family {
  let [name, help, unit, type] = ['', '', '', 0];
  const metrics: Uint8Array[] = [];
  for (const field of fieldsOf(message, at)) {
    if (field.number === 1) name = textIn(field);
    else if (field.number === 2) help = textIn(field);
    else if (field.number === 3) type = numberIn(field);
    else if (field.number === 4) metrics.push(field.bytes);
    else if (field.number === 5) unit = textIn(field);
  }
  const kind = kinds[type];
  if (kind === undefined) throw new Error(`protobuf: family ${name} has the type ${type}, which does not exist.`);
  return { name, kind, help, unit, samples: metrics.flatMap((metric) => samplesIn(name, metric, type)) };
}

function samplesIn(name: string, metric: Uint8Array, type: number): Sample[] {
  const labels: Labels = {};
  const parts: { readonly suffix?: string; readonly own?: Labels; readonly part: Part }[] = [];
  let timestampMs: number | undefined;
  for (const field of fieldsOf(metric)) {
    if (field.number === 1) Object.assign(labels, pairIn(field));
    else if (field.number === 6) timestampMs = Number(BigInt.asIntN(64, field.value ?? 0n));
    else if (field.number === 4) parts.push(...summaryIn(field));
    else if (field.number === 7) parts.push(...histogramIn(field, `histogram ${name}`, type === GAUGE_HISTOGRAM));
    else if (field.number === 2 || field.number === 3 || field.number === 5) parts.push({ part: simpleIn(field) });
  }
  const time = timestampMs === undefined ? {} : { timestampMs };
  return parts.map(({ suffix = '', own = {}, part }) => ({
    name: name + suffix,
    labels: { ...labels, ...own },
    ...time,
    ...part,
  }));
}

function simpleIn({ bytes }: Field): Part {
  let part: Part = { value: 0 };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) part = { ...part, value: doubleIn(field) };
    else if (field.number === 2) part = { ...part, exemplar: exemplarIn(field) };
    else if (field.number === 3) part = { ...part, startMs: timeIn(field) };
  }
  return part;
}

function summaryIn({ bytes }: Field): { suffix: string; own?: Labels; part: Part }[] {
  let [count, sum] = [0, 0];
  let start: { startMs?: number } = {};
  const quantiles: [quantile: number, value: number][] = [];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) count = numberIn(field);
    else if (field.number === 2) sum = doubleIn(field);
    else if (field.number === 3) quantiles.push(pairOfDoubles(field));
    else if (field.number === 4) start = { startMs: timeIn(field) };
  }
  return [
    ...quantiles.map(([quantile, value]) => ({
      suffix: '',
      own: { quantile: canonical(quantile) },
      part: { value, ...start },
    })),
    { suffix: '_sum', part: { value: sum, ...start } },
    { suffix: '_count', part: { value: count, ...start } },
  ];
}

function pairOfDoubles({ bytes }: Field): [number, number] {
  const pair: [number, number] = [0, 0];
  for (const field of fieldsOf(bytes)) if (field.number <= 2) pair[field.number - 1] = doubleIn(field);
  return pair;
}

interface ClassicBucket {
  readonly bound: number;
  readonly count: number;
  readonly exemplar?: Exemplar;
}

function histogramIn({ bytes }: Field, who: string, gauge: boolean): { suffix?: string; own?: Labels; part: Part }[] {
  let [count, sum, schema, zeroThreshold, zeroCount] = [0, 0, 0, 0, 0];
  const buckets: ClassicBucket[] = [];
  const spans = { positive: [] as Span[], negative: [] as Span[] };
  const deltas = { positive: [] as number[], negative: [] as number[] };
  const fractions = { positive: [] as number[], negative: [] as number[] };
  const exemplars: Exemplar[] = [];
  let start: { startMs?: number } = {};
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) count = numberIn(field);
    else if (field.number === 2) sum = doubleIn(field);
    else if (field.number === 3) buckets.push(bucketIn(field));
    else if (field.number === 4) count = doubleIn(field);
    else if (field.number === 5) schema = signedIn(field);
    else if (field.number === 6) zeroThreshold = doubleIn(field);
    else if (field.number === 7) zeroCount = numberIn(field);
    else if (field.number === 8) zeroCount = doubleIn(field);
    else if (field.number === 9) spans.negative.push(spanIn(field));
    else if (field.number === 10) deltas.negative.push(...signedListIn(field));
    else if (field.number === 11) fractions.negative.push(...doubleListIn(field));
    else if (field.number === 12) spans.positive.push(spanIn(field));
    else if (field.number === 13) deltas.positive.push(...signedListIn(field));
    else if (field.number === 14) fractions.positive.push(...doubleListIn(field));
    else if (field.number === 15) start = { startMs: timeIn(field) };
    else if (field.number === 16) exemplars.push(exemplarIn(field));
  }
  const isNative = spans.positive.length + spans.negative.length > 0 || zeroThreshold > 0 || zeroCount > 0;
  const native: NativeHistogram = {
    schema,
    zeroThreshold,
    zeroCount,
    positive: bucketsOf(spans.positive, deltas.positive, fractions.positive, who),
    negative: bucketsOf(spans.negative, deltas.negative, fractions.negative, who),
    sum,
    count,
    gauge,
    ...(exemplars.length > 0 && { exemplars }),
  };
  const whole = isNative ? [{ part: { value: count, native, ...start } }] : [];
  if (isNative && buckets.length === 0) return whole;
  if (buckets.at(-1)?.bound !== Infinity) buckets.push({ bound: Infinity, count });
  const line = (suffix: string, value: number): { suffix: string; part: Part } => ({
    suffix,
    part: { value, ...start },
  });
  return [
    ...whole,
    ...buckets.map((bucket) => ({
      suffix: '_bucket',
      own: { le: canonical(bucket.bound) },
      part: { value: bucket.count, ...start, ...(bucket.exemplar && { exemplar: bucket.exemplar }) },
    })),
    line(gauge ? '_gsum' : '_sum', sum),
    line(gauge ? '_gcount' : '_count', count),
  ];
}

function bucketIn({ bytes }: Field): ClassicBucket {
  let bucket: ClassicBucket = { bound: 0, count: 0 };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) bucket = { ...bucket, count: numberIn(field) };
    else if (field.number === 2) bucket = { ...bucket, bound: doubleIn(field) };
    else if (field.number === 3) bucket = { ...bucket, exemplar: exemplarIn(field) };
    else if (field.number === 4) bucket = { ...bucket, count: doubleIn(field) };
  }
  return bucket;
}

type Span = readonly [offset: number, length: number];

function spanIn({ bytes }: Field): Span {
  let [offset, length] = [0, 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) offset = signedIn(field);
    else if (field.number === 2) length = numberIn(field);
  }
  return [offset, length];
}

/** @param fractions counts that are not whole, which have no deltas. */
function bucketsOf(
  spans: readonly Span[],
  deltas: readonly number[],
  fractions: readonly number[],
  who: string,
): NativeBucket[] {
  const length = spans.reduce((sum, [, own]) => sum + own, 0);
  const isFractional = deltas.length === 0 && fractions.length > 0;
  const [given, what] = isFractional ? [fractions.length, 'counts'] : [deltas.length, 'deltas'];
  if (length !== given) throw new Error(`protobuf: ${who} has ${given} ${what} in spans of ${length} buckets.`);
  const buckets: NativeBucket[] = [];
  let [index, count, next] = [0, 0, 0];
  for (const [offset, own] of spans) {
    index += offset;
    for (let i = 0; i < own; i++, index++) {
      count = isFractional ? fractions[next++]! : count + deltas[next++]!;
      if (count !== 0) buckets.push([index, count]);
    }
  }
  return buckets;
}

function exemplarIn({ bytes }: Field): Exemplar {
  const labels: Labels = {};
  let [value, timestampMs] = [0, 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) Object.assign(labels, pairIn(field));
    else if (field.number === 2) value = doubleIn(field);
    else if (field.number === 3) timestampMs = timeIn(field);
  }
  return { labels, value, timestampMs };
}

function pairIn({ bytes }: Field): Labels {
  let [name, value] = ['', ''];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textIn(field);
    else if (field.number === 2) value = textIn(field);
  }
  return Object.fromEntries([[name, value]]);
}

function timeIn({ bytes }: Field): number {
  let [seconds, nanos] = [0, 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) seconds = Number(BigInt.asIntN(64, field.value ?? 0n));
    else if (field.number === 2) nanos = numberIn(field);
  }
  return seconds * 1000 + nanos / 1e6;
}
