import type { LazyFamily, Sample } from '../../collect/families.ts';
import type { NativeHistogram } from '../../collect/native-histogram.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import { toNumber } from '../../metric/canonical.ts';
import { wholeCounts } from './buckets.ts';

interface PointOf<Type extends string> {
  readonly type: Type;
  readonly labels: Sample['labels'];
  readonly startMs: number | undefined;
  readonly exemplars: readonly Exemplar[];
}

/** A number; OTLP's monotonic sum, other sum, or gauge. */
export interface NumberPoint extends PointOf<'counter' | 'sum' | 'gauge'> {
  readonly value: number;
}

/** A histogram with bounds of its own. */
export interface HistogramPoint extends PointOf<'histogram'> {
  /** Ascending, without `+Inf`. */
  readonly bounds: readonly number[];
  /** Of each bucket, not cumulative; one more than bounds. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number | undefined;
}

/** A native histogram. */
export interface ExponentialPoint extends PointOf<'exponential'> {
  readonly native: NativeHistogram;
}

export interface SummaryPoint extends PointOf<'summary'> {
  readonly quantiles: readonly (readonly [quantile: number, value: number])[];
  readonly count: number;
  readonly sum: number;
}

/** One series of a family, as OTLP has it: a data point. */
export type Point = NumberPoint | HistogramPoint | ExponentialPoint | SummaryPoint;

// Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility".
const NUMBERS = {
  counter: 'counter',
  gauge: 'gauge',
  unknown: 'gauge',
  info: 'sum',
  stateset: 'sum',
  gaugehistogram: 'gauge',
} as const;

/** The data points of a family; the lines of a histogram or summary become one. */
export function* pointsOf({ name, kind, samples }: LazyFamily): Generator<Point, void, void> {
  if (kind === 'histogram' || kind === 'summary') {
    yield* kind === 'histogram' ? histogramsOf(name, samples) : summariesOf(name, samples);
    return;
  }
  const type = NUMBERS[kind];
  for (const { labels, value, startMs, exemplar } of samples) {
    yield { type, labels, value, startMs, exemplars: exemplar === undefined ? [] : [exemplar] };
  }
}

/** The lines of one series. */
interface Lines {
  readonly labels: Sample['labels'];
  readonly startMs: number | undefined;
  /** Bound and cumulative count, or quantile and value. */
  readonly values: (readonly [own: number, value: number])[];
  readonly exemplars: Exemplar[];
  sum?: number;
  count?: number;
}

function* histogramsOf(name: string, samples: Iterable<Sample>): Generator<Point, void, void> {
  const classic: Sample[] = [];
  for (const sample of samples) {
    const { native, labels, startMs } = sample;
    if (native === undefined) classic.push(sample);
    else yield { type: 'exponential', labels, startMs, native: wholeCounts(native), exemplars: native.exemplars ?? [] };
  }
  for (const { labels, startMs, values, exemplars, sum, count } of linesOf(name, 'le', classic)) {
    const sorted = values.toSorted(([a], [b]) => a - b);
    const bounds = sorted.map(([bound]) => bound).filter((bound) => bound < Number.POSITIVE_INFINITY);
    const all = whole(count ?? sorted.at(-1)?.[1] ?? 0);
    const cumulative = [...sorted.slice(0, bounds.length).map(([, value]) => whole(value)), all];
    const counts = cumulative.map((value, i) => Math.max(0, value - (cumulative[i - 1] ?? 0)));
    yield { type: 'histogram', labels, startMs, bounds, counts, count: all, sum, exemplars };
  }
}

function* summariesOf(name: string, samples: Iterable<Sample>): Generator<Point, void, void> {
  for (const { labels, startMs, values, sum = 0, count = 0 } of linesOf(name, 'quantile', samples)) {
    yield { type: 'summary', labels, startMs, quantiles: values, sum, count: whole(count), exemplars: [] };
  }
}

/** Counts that were read from elsewhere can be any number. */
const whole = (count: number): number => (count > 0 && count <= Number.MAX_SAFE_INTEGER ? Math.round(count) : 0);

/** Joins the lines of each series, in the order of their first ones. */
function linesOf(name: string, own: string, samples: Iterable<Sample>): Iterable<Lines> {
  const series = new Map<string, Lines>();
  for (const sample of samples) {
    const { [own]: text, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const lines = series.get(key) ?? { labels, startMs: sample.startMs, values: [], exemplars: [] };
    series.set(key, lines);
    if (sample.name === `${name}_sum`) lines.sum = sample.value;
    else if (sample.name === `${name}_count`) lines.count = sample.value;
    else lines.values.push([toNumber(text ?? '') ?? Number.NaN, sample.value]);
    if (sample.exemplar !== undefined) lines.exemplars.push(sample.exemplar);
  }
  return series.values();
}
