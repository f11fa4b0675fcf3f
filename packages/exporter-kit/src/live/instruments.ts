import type { Collector } from '../collect/collector.ts';
import type { ExemplarLabels } from '../collect/store/exemplar.ts';
import type { Counter, Gauge, Histogram, Info, Metric, StateSet } from '../metric/metric.ts';

export type { ExemplarLabels };

/** Counts up. */
export interface Counting<Labels extends readonly unknown[]> {
  /**
   * Adds `by`, a finite number of 0 or more; default 1. Never throws: a call with anything else is refused, counted by
   * reason, and thrown by `scrape` of `exporter-kit/testing`.
   *
   * @param args an exemplar replaces the one that would be taken from the active span; a wrong one is refused, the call counts.
   */
  inc(...args: readonly [...labels: Labels, by?: number, exemplar?: ExemplarLabels]): void;
}

/** Goes up and down. */
export interface Measuring<Labels extends readonly unknown[]> {
  set(...args: readonly [...labels: Labels, value: number]): void;
  inc(...args: readonly [...labels: Labels, by?: number]): void;
  dec(...args: readonly [...labels: Labels, by?: number]): void;
  /** Sets the current Unix time, in seconds. */
  setToCurrentTime(...args: Labels): void;
  /** Adds 1 while `work` runs, until its promise is settled if it returns one, and returns its result. */
  track<T>(...args: readonly [...labels: Labels, work: () => T]): T;
}

/** Counts observations in buckets. */
export interface Observing<Labels extends readonly unknown[]> {
  /** Counts one observation, a finite number. Never throws; see {@link Counting.inc}. */
  observe(...args: readonly [...labels: Labels, value: number, exemplar?: ExemplarLabels]): void;
  /**
   * Starts a timer; the function that it returns observes the seconds since then, and returns them. Its exemplar is the span
   * that is active now.
   */
  start(): (...args: readonly [...labels: Labels, exemplar?: ExemplarLabels]) => number;
  /** Observes how many seconds `work` takes, also if it throws, and returns its result or promise. */
  time<T>(...args: readonly [...labels: Labels, work: () => T]): T;
}

/** Names one of several states. */
export interface Stating<Labels extends readonly unknown[], State> {
  set(...args: readonly [...labels: Labels, state: State]): void;
}

/** States facts as labels. */
export interface Informing<Labels extends readonly unknown[]> {
  set(...args: Labels): void;
}

interface Removing<L> {
  /** Removes the series. If it is counted again, it begins at 0. */
  remove(labels: L): void;
}

interface Binding<L, Bound> extends Removing<L> {
  /** The same instrument for one series: the fastest way to count. The series is exposed from here on, at 0. */
  with(labels: L): Bound;
}

export interface LabelledCounting<L> extends Counting<[labels: L]>, Binding<L, Counting<[]>> {}
export interface LabelledMeasuring<L> extends Measuring<[labels: L]>, Binding<L, Measuring<[]>> {}
export interface LabelledObserving<L> extends Observing<[labels: L]>, Binding<L, Observing<[]>> {}
export interface LabelledStating<L, State> extends Stating<[labels: L], State>, Removing<L> {}
export interface LabelledInforming<L> extends Informing<[labels: L]>, Removing<L> {}

/** The instrument of one metric. */
export type InstrumentOf<M> =
  M extends Counter<infer A>
    ? A extends readonly [infer L, unknown]
      ? LabelledCounting<L>
      : Counting<[]>
    : M extends Gauge<infer A>
      ? A extends readonly [infer L, unknown]
        ? LabelledMeasuring<L>
        : Measuring<[]>
      : M extends Histogram<infer A>
        ? A extends readonly [infer L, unknown]
          ? LabelledObserving<L>
          : Observing<[]>
        : M extends StateSet<infer A>
          ? A extends readonly [infer L, infer S]
            ? LabelledStating<L, S>
            : Stating<[], A[0]>
          : M extends Info<infer A>
            ? A extends readonly [infer L]
              ? LabelledInforming<L>
              : Informing<[]>
            : never;

/** Metrics that an application can count by itself; a summary's quantiles can't be added up, so it is not one. */
export type LiveMetric = Metric & { readonly kind: 'counter' | 'gauge' | 'histogram' | 'info' | 'stateset' };

/** Declared metrics, by the key of their instrument. `collector` is taken. */
export type LiveMetrics = { readonly [key: string]: LiveMetric } & { readonly collector?: never };

/** An instrument for each metric, and a collector to give to an exporter. */
export type Live<M> = { readonly [K in keyof M]: InstrumentOf<M[K]> } & {
  /** Exposes what is counted: `exporter({ collectors: [shop.collector] })`. */
  readonly collector: Collector;
};
