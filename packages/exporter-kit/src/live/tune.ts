import { ascendingProblem } from '../metric/declare.ts';
import type { Metric } from '../metric/metric.ts';
import { type NativeOption, nativeProblem, nativeShape } from '../metric/native.ts';
import { nearest } from '../yaml/nearest.ts';
import type { Problem } from '../yaml/problems.ts';

/** What an operator changes of one metric. */
export interface MetricTuning {
  /** Upper bounds of a histogram, in place of the declared ones. */
  readonly buckets?: readonly number[] | undefined;
  /** Native buckets of a histogram, in place of what is declared; `false` for none. */
  readonly native?: NativeOption | undefined;
  /** Maximum series, in place of the limit for all metrics. */
  readonly maxSeries?: number | undefined;
  /** Hides series that have not changed for so long, in milliseconds, in place of what is set for all metrics. */
  readonly idleAfterMs?: number | undefined;
  /** Turns the metric off: calls do nothing, and it has no series. */
  readonly off?: boolean | undefined;
}

/** An operator's changes, by the names of metrics: `{ shop_checkout_seconds: { buckets: [1, 5] } }`. */
export type Tuning = { readonly [metric: string]: MetricTuning };

// More names than this are no help in a message.
const MOST_NAMES = 20;

const fields: { readonly [F in keyof MetricTuning]-?: (value: unknown, metric?: Metric) => string | undefined } = {
  buckets: (value, metric) => notHistogram(metric) ?? ascendingProblem(value, -Infinity, Infinity),
  native: (value, metric) => notHistogram(metric) ?? nativeProblem(value),
  maxSeries: (value) =>
    Number.isInteger(value) && (value as number) > 0
      ? undefined
      : `must be a whole number above 0, not ${said(value)}.`,
  idleAfterMs: (value) =>
    typeof value === 'number' && value > 0 ? undefined : `must be a number above 0, not ${said(value)}.`,
  off: (value) => (typeof value === 'boolean' ? undefined : `must be true or false, not ${said(value)}.`),
};

/** @throws TypeError naming all mistakes. */
export function checkTuning(owner: string, tuning: unknown, metrics: readonly Metric[]): void {
  const problems = tuningProblems(tuning, metrics);
  if (problems.length === 0) return;
  throw new TypeError(
    `${owner}: ${problems.map(({ path, why }) => `${['tune', ...path].join('.')} ${why}`).join(' ')}`,
  );
}

/** All mistakes in a tuning. Names are checked if the metrics are given. */
export function tuningProblems(tuning: unknown, metrics?: readonly Metric[]): readonly Problem[] {
  if (!isMap(tuning)) return [{ path: [], why: `must be a map by the names of metrics, not ${said(tuning)}.` }];
  const byName = new Map(metrics?.map((metric) => [metric.name, metric]));
  return Object.entries(tuning).flatMap(([name, changes]): Problem[] => {
    const metric = byName.get(name);
    if (metrics !== undefined && metric === undefined)
      return [{ path: [name], why: unknown(name, [...byName.keys()]) }];
    if (!isMap(changes)) return [{ path: [name], why: `must be a map, such as { off: true }, not ${said(changes)}.` }];
    return Object.entries(changes).flatMap(([field, value]): Problem[] => {
      if (value === undefined) return [];
      const path = [name, field];
      if (!Object.hasOwn(fields, field)) return [{ path, why: unknown(field, Object.keys(fields)), keys: [field] }];
      const why = fields[field as keyof MetricTuning](value, metric);
      return why === undefined ? [] : [{ path, why }];
    });
  });
}

/** What a tuning changes of a metric. */
export const changesOf = (tuning: Tuning, { name }: Metric): MetricTuning =>
  Object.hasOwn(tuning, name) ? tuning[name]! : {};

/** The metric as it is counted. */
export function tuned(metric: Metric, { buckets, native }: MetricTuning): Metric {
  if (buckets === undefined && native === undefined) return metric;
  return Object.freeze({
    ...metric,
    ...(buckets && { buckets: [...buckets] }),
    ...(native !== undefined && { native: nativeShape(metric.name, native) }),
  });
}

function notHistogram(metric: Metric | undefined): string | undefined {
  if (metric === undefined || metric.kind === 'histogram') return undefined;
  return `is for histograms, not for a ${metric.kind}; remove it.`;
}

function unknown(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `is unknown; did you mean ${near}?`;
  return `is unknown; known: ${known.slice(0, MOST_NAMES).join(', ')}${known.length > MOST_NAMES ? ', …' : '.'}`;
}

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function said(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
}
