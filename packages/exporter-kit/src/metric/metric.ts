import type { Label } from './labels.ts';

/** The types of metric the kit can write; `unknown` is what text 0.0.4 calls `untyped`. */
export type Kind = 'gauge' | 'counter' | 'histogram' | 'summary' | 'info' | 'stateset' | 'unknown';

/**
 * What a metric is: a plain, frozen value. It holds no samples; the exporter or run that uses it does.
 * `Args` is the argument list of its writer's `set`, so that a wrong call does not compile.
 */
export interface Metric<Args extends readonly unknown[] = readonly unknown[]> {
  readonly kind: Kind;
  /** The name as it is written, with `_total` or `_info` where the type asks for it. */
  readonly name: string;
  readonly help: string;
  /** Base unit, as it ends the name; '' without one. */
  readonly unit: string;
  readonly labels: readonly Label[];
  /** Upper bounds of a histogram, ascending, without `+Inf`; else empty. */
  readonly buckets: readonly number[];
  /** Quantiles of a summary, ascending, 0 to 1; else empty. */
  readonly quantiles: readonly number[];
  /** States of a stateset; else empty. */
  readonly states: readonly string[];
  /**
   * Set for a histogram or summary that was read from elsewhere: each of its lines is a row of its own, as buckets and
   * quantiles may differ from series to series. `kind` is `unknown` then, and the label '' holds the ending of the name.
   */
  readonly lines?: 'histogram' | 'summary' | 'unknown';
  /** Types only; never there at run time. */
  readonly '~args'?: Args;
}

/** A value that goes up and down. */
export interface Gauge<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'gauge';
}
/** A value that only goes up; its name ends in `_total`. */
export interface Counter<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'counter';
}
/** Observations counted in buckets. */
export interface Histogram<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'histogram';
}
/** Quantiles that the source has computed. */
export interface Summary<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'summary';
}
/** Facts in labels; its value is always 1 and its name ends in `_info`. */
export interface Info<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'info';
}
/** One of several states: one series a state, 1 for the current one and 0 for the others. */
export interface StateSet<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'stateset';
}
/** A value whose type the source does not tell. */
export interface Untyped<Args extends readonly unknown[] = readonly unknown[]> extends Metric<Args> {
  readonly kind: 'unknown';
}

/** What a histogram's `set` takes. */
export interface HistogramValue {
  /** Observations in each declared bucket and, last, above them all. Not cumulative: the encoder adds them up. */
  readonly counts: readonly number[];
  /** Sum of all observations. */
  readonly sum: number;
}

/** What a summary's `set` takes. */
export interface SummaryValue {
  /** One value for each declared quantile, in the same order; `NaN` where there is none. */
  readonly quantiles: readonly number[];
  readonly sum: number;
  readonly count: number;
}
