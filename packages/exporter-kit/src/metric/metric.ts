import type { Label } from './labels.ts';
import type { NativeShape } from './native.ts';
import type { MetricViews } from './views.ts';

/** Metric types; `unknown` is `untyped` in text 0.0.4. */
export type Kind = 'gauge' | 'counter' | 'histogram' | 'gaugehistogram' | 'summary' | 'info' | 'stateset' | 'unknown';

/** Whether a kind has buckets. */
export const isBucketed = (kind: Kind): kind is 'histogram' | 'gaugehistogram' =>
  kind === 'histogram' || kind === 'gaugehistogram';

/** How values of several threads or processes become one. */
export type Across = 'sum' | 'min' | 'max';

/**
 * A metric's declaration: a plain, frozen value without samples, which belong to the exporter or run that uses it.
 * `Args` are the arguments of its writer's `set`, so that a wrong call does not compile.
 */
export interface Metric<Args extends readonly unknown[] = readonly unknown[]> {
  readonly kind: Kind;
  /** The full name, with `_total` or `_info` if the type requires it. */
  readonly name: string;
  readonly help: string;
  /** Base unit, a suffix of the name; '' for none. */
  readonly unit: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, ascending, without `+Inf`; empty for other types. */
  readonly buckets: readonly number[];
  /** How `live` counts a histogram's exponential buckets; `false` for not at all. Absent if the declaration does not say. */
  readonly native?: NativeShape | false;
  /** Quantiles of a summary, ascending, 0 to 1; empty for other types. */
  readonly quantiles: readonly number[];
  /** States of a stateset; empty for other types. */
  readonly states: readonly string[];
  /** How a gauge's values of several threads or processes become one; absent for `sum`, and for other types. */
  readonly across?: Across;
  /**
   * Set for a histogram or summary read from an exposition: each line is a row of its own, since buckets and quantiles may
   * differ between series. `kind` is then `unknown`, and the label '' holds the suffix of the name.
   */
  readonly lines?: 'histogram' | 'gaugehistogram' | 'summary' | 'unknown';
  /** What the declaration says for documents, dashboards and alerts; absent for nothing. */
  readonly views?: MetricViews;
  /** For types only; absent at run time. */
  readonly '~args'?: Args;
}

/** A value that can go up and down. */
export interface Gauge<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'gauge';
}
/** A value that only goes up, or restarts at 0; its name ends in `_total`. */
export interface Counter<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'counter';
}
/** Observations counted in buckets. */
export interface Histogram<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'histogram';
}
/** The distribution of values at one moment, in buckets whose counts can go up and down. */
export interface GaugeHistogram<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'gaugehistogram';
}
/** Quantiles computed by the source. */
export interface Summary<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'summary';
}
/** Facts as labels; its value is always 1, and its name ends in `_info`. */
export interface Info<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'info';
}
/** One of several states: a series for each, 1 for the current one and 0 for the others. */
export interface StateSet<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'stateset';
}
/** A value of unknown type. */
export interface Untyped<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'unknown';
}

/** The value of `set` of a histogram, or of a gauge histogram. */
export interface HistogramValue {
  /** Observations in each declared bucket and, last, above all of them. Not cumulative: the encoder adds them up. */
  readonly counts: readonly number[];
  /** Sum of all observations. */
  readonly sum: number;
  /** The same observations in exponential buckets, for scrapers that take native histograms. */
  readonly native?: NativeValue;
}

/** The value of a histogram that declares no buckets (`buckets: []`), from a source that has exponential ones only. */
export interface NativeHistogramValue {
  readonly counts?: undefined;
  readonly sum: number;
  readonly native: NativeValue;
}

/** Exponential buckets of a source. Bucket `i` is for values above `b^(i-1)` and up to `b^i`, where `b` is `2^(2^-schema)`. */
export interface NativeValue {
  /** Resolution, a whole number from -4 to 8. */
  readonly schema: number;
  /** Values up to this distance from 0 are in the zero bucket; default 2^-128. */
  readonly zeroThreshold?: number;
  /** Default 0. */
  readonly zeroCount?: number;
  readonly positive?: NativeBucketList;
  /** Buckets of absolute values. */
  readonly negative?: NativeBucketList;
  /** All observations, those of NaN included; default: those in buckets. */
  readonly count?: number;
}

/**
 * Index and count of each bucket (a `Map` will do; OpenTelemetry's indices are one lower), in any order; or spans with deltas,
 * as protobuf has them. At most 4096.
 */
export type NativeBucketList =
  | Iterable<readonly [index: number, count: number]>
  | {
      readonly spans: readonly (readonly [offset: number, length: number])[];
      readonly deltas: readonly number[];
    };

/** The value of a summary's `set`. */
export interface SummaryValue {
  /** One value for each declared quantile, in the same order; `NaN` for none. */
  readonly quantiles: readonly number[];
  readonly sum: number;
  readonly count: number;
}
