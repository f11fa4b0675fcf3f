import type { Gauge, Metric } from '../metric/metric.ts';

/** Writes the samples of one declared metric during one run. */
export interface Writer<Args extends readonly unknown[]> {
  /**
   * Writes one sample. An invalid sample (a duplicate, an undeclared label, a negative counter) is dropped and counted by
   * reason; with `exporter-kit/testing` it throws. After the run's deadline, samples are dropped as late.
   */
  set(...args: Args): void;
}

/** Writes a gauge's samples. */
export interface GaugeWriter<Args extends readonly unknown[]> extends Writer<Args> {
  /** Writes the current Unix time, in seconds. */
  setToCurrentTime(...labels: LabelsIn<Args>): void;
}

type LabelsIn<Args> = Args extends readonly [infer L, number] ? readonly [labels: L] : readonly [];

/** Declared metrics, by the key that `collect` uses for them. */
export type Metrics = { readonly [key: string]: Metric };

/** The writer for one metric. */
export type WriterOf<M> = M extends Gauge<infer A> ? GaugeWriter<A> : M extends Metric<infer A> ? Writer<A> : never;

/** Argument of `collect` and `probe`: a writer for each declared metric. */
export type Writers<M extends Metrics> = { readonly [K in keyof M]: WriterOf<M[K]> };

/**
 * Returns the writer of a family that is known only at run time. Its declaration may be created again in each run; a family
 * declared twice in one run with a different type or labels is dropped.
 */
export type FamilyWriter = <M extends Metric>(metric: M) => WriterOf<M>;
