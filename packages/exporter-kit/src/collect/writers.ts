import type { Counter, Gauge, Metric, Untyped } from '../metric/metric.ts';

/** Takes the samples of one declared metric during one run. */
export interface Writer<Args extends readonly unknown[]> {
  /**
   * Writes one sample. A sample that can't be written (a duplicate, a label that is not declared, a negative counter) is
   * dropped and counted by reason; under `exporter-kit/testing` it throws. After the run's deadline it does nothing.
   */
  set(...args: Args): void;
}

/** Takes a gauge's samples. */
export interface GaugeWriter<Args extends readonly unknown[]> extends Writer<Args> {
  /** Writes the current Unix time, in seconds. */
  setToCurrentTime(...labels: LabelsIn<Args>): void;
}

/** In jobs: adds to what this run has written so far, starting at 0. */
export interface Adder<Args extends readonly unknown[]> {
  add(...args: Args): void;
}

type LabelsIn<Args> = Args extends readonly [infer L, number] ? readonly [labels: L] : readonly [];

/** The metrics a collector declares, by the name its function uses for them. */
export type Metrics = { readonly [key: string]: Metric };

/** The writer for one metric. */
export type WriterOf<M> = M extends Gauge<infer A> ? GaugeWriter<A> : M extends Metric<infer A> ? Writer<A> : never;

/** The writer for one metric of a job. */
export type JobWriterOf<M> =
  M extends Gauge<infer A>
    ? GaugeWriter<A> & Adder<A>
    : M extends Counter<infer A> | Untyped<infer A>
      ? Writer<A> & Adder<A>
      : WriterOf<M>;

/** What a collector's or probe's function receives: a writer for each declared metric. */
export type Writers<M extends Metrics> = { readonly [K in keyof M]: WriterOf<M[K]> };

/** What a job's function receives. */
export type JobWriters<M extends Metrics> = { readonly [K in keyof M]: JobWriterOf<M[K]> };

/**
 * Writes families that are known only at run time: give it a declaration, get its writer. The declaration may be made anew
 * at each run; a family that comes twice in one run with another type or labels is refused.
 */
export type FamilyWriter = <M extends Metric>(metric: M) => WriterOf<M>;
