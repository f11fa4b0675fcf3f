import type { LabelRecord } from '../collect/families.ts';
import type { ExemplarLabels } from '../collect/store/exemplar.ts';
import type { AddingWriter } from '../collect/store/kind-writers.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import type { GaugeWriter, Metrics, Writer, WriterOf } from '../collect/writers.ts';
import { ladderOf } from '../live/ladder.ts';
import { andThen, isEmptyObject } from '../live/values.ts';
import type { Counter, Gauge, Histogram, Metric, Untyped } from '../metric/metric.ts';
import { CountedRows } from './counted-rows.ts';

/** Adds to the sample's value in this run, which starts at 0. */
export interface Adder<Args extends readonly unknown[]> {
  add(...args: Args): void;
}

/** Counts up. */
export interface JobCounting<Labels extends readonly unknown[]> {
  /**
   * Adds `by`, a finite number of 0 or more; default 1. Anything else is dropped, and counted by reason.
   *
   * @param args an exemplar replaces the one that would be taken from the active span.
   */
  inc(...args: readonly [...labels: Labels, by?: number, exemplar?: ExemplarLabels]): void;
}

/** Goes up and down. */
export interface JobMeasuring<Labels extends readonly unknown[]> {
  inc(...args: readonly [...labels: Labels, by?: number]): void;
  dec(...args: readonly [...labels: Labels, by?: number]): void;
  /** Adds 1 while `work` runs, until its promise is settled if it returns one, and returns its result. */
  track<T>(...args: readonly [...labels: Labels, work: () => T]): T;
}

/** Counts observations in buckets. */
export interface JobObserving<Labels extends readonly unknown[]> {
  /** Counts one observation, a finite number. Anything else is dropped, and counted by reason. */
  observe(...args: readonly [...labels: Labels, value: number, exemplar?: ExemplarLabels]): void;
  /** Starts a timer; the function that it returns observes the seconds since then, and returns them. */
  start(): (...args: readonly [...labels: Labels, exemplar?: ExemplarLabels]) => number;
  /** Observes how many seconds `work` takes, also if it throws, and returns its result or promise. */
  time<T>(...args: readonly [...labels: Labels, work: () => T]): T;
}

/** The calls for one metric and, if it has labels, `with`: the calls for one series, which is in the result from then on. */
type Counts<A> = A extends readonly [infer L, unknown]
  ? JobCounting<[labels: L]> & { with(labels: L): JobCounting<[]> }
  : JobCounting<[]>;
type Measures<A> = A extends readonly [infer L, unknown]
  ? JobMeasuring<[labels: L]> & { with(labels: L): JobMeasuring<[]> & GaugeWriter<[value: number]> }
  : JobMeasuring<[]>;
type Observes<A> = A extends readonly [infer L, unknown]
  ? JobObserving<[labels: L]> & { with(labels: L): JobObserving<[]> }
  : JobObserving<[]>;

/** The writer of one metric of a job: `set` writes what was read, the other calls count. */
export type JobWriterOf<M> =
  M extends Gauge<infer A>
    ? GaugeWriter<A> & Adder<A> & Measures<A>
    : M extends Counter<infer A>
      ? Writer<A> & Adder<A> & Counts<A>
      : M extends Histogram<infer A>
        ? Writer<A> & Observes<A>
        : M extends Untyped<infer A>
          ? Writer<A> & Adder<A>
          : WriterOf<M>;

/** Argument of a job's `run`. */
export type JobWriters<M extends Metrics> = { readonly [K in keyof M]: JobWriterOf<M[K]> };

/** A run's writers, and what they count. */
export interface JobCounts {
  readonly writers: JobWriters<Metrics>;
  /** The columns of the run's store, with exemplars and native histograms of what was counted so far. */
  in(columns: readonly SnapshotColumn[]): readonly SnapshotColumn[];
}

/** Gives a run's writers the calls that count. */
export function jobCounts(metrics: Metrics, writers: { readonly [key: string]: unknown }): JobCounts {
  const counted = new Map<string, Written>();
  const all = Object.entries(metrics).map(([key, metric]) => {
    const Calls = calls[metric.kind];
    if (Calls === undefined) return [key, writers[key]];
    const made = new Calls(metric, writers[key] as AddingWriter);
    counted.set(metric.name, made);
    return [key, made];
  });
  return {
    writers: Object.fromEntries(all),
    in: (columns) => columns.map((column) => counted.get(column.metric.name)?.known?.in(column) ?? column),
  };
}

type Args = readonly unknown[];

interface Counted {
  readonly cell?: number;
  readonly value?: number;
  readonly exemplar?: unknown;
}

/** Writes one metric, or one of its series if it is bound to labels. */
class Written {
  readonly metric: Metric;
  readonly writer: AddingWriter;
  readonly #bound: LabelRecord | undefined;
  // What is bound counts in the rows of the one that it was bound by.
  readonly #owner: Written;
  #rows: CountedRows | undefined;

  constructor(metric: Metric, writer: AddingWriter, owner?: Written, bound?: LabelRecord) {
    this.metric = metric;
    this.writer = writer;
    this.#owner = owner ?? this;
    this.#bound = bound;
  }

  /** What was counted; `undefined` if nothing was. */
  get known(): CountedRows | undefined {
    return this.#owner.#rows;
  }

  get rows(): CountedRows {
    const owner = this.#owner;
    owner.#rows ??= new CountedRows(this.metric, (why) => this.writer.refused.sample({}, 'invalid_exemplar', why));
    return owner.#rows;
  }

  set(...args: Args): void {
    const row = this.writer.set(...this.#given(args)) ?? -1;
    if (row >= 0) (this.#isHistogram ? this.rows : this.known)?.written(row);
  }

  add(...args: Args): void {
    const row = this.writer.add(...this.#given(args)) ?? -1;
    if (row >= 0 && this.#isHistogram) this.rows.written(row);
  }

  setToCurrentTime(...labels: Args): void {
    this.writer.setToCurrentTime(...this.#given(labels));
  }

  /** Adds to a number, and keeps the exemplar of the event. */
  count(labels: Args, added: unknown, { cell = 0, value = 0, exemplar }: Counted = {}): void {
    const row = this.writer.add(...labels, added) ?? -1;
    if (row >= 0) this.rows.counted(row, cell, value, exemplar);
  }

  get #isHistogram(): boolean {
    return this.metric.kind === 'histogram';
  }

  get isBound(): boolean {
    return this.#bound !== undefined;
  }

  /** The labels, if there are any, and what follows them. */
  split(args: Args): readonly [labels: Args, rest: Args] {
    if (this.#bound !== undefined) return [[this.#bound], args];
    const labelled = this.metric.labels.length > 0;
    return labelled || isEmptyObject(args[0]) ? [[args[0]], args.slice(1)] : [[], args];
  }

  /** Drops a call because of its value. */
  refuse([labels]: Args, value: unknown, wanted: string): void {
    const given = typeof value === 'number' ? String(value) : typeof value;
    this.writer.refuse((labels ?? {}) as LabelRecord, `${wanted}, not ${given}.`);
  }

  #given(args: Args): Args {
    return this.#bound === undefined ? args : [this.#bound, ...args];
  }
}

class CounterCalls extends Written {
  inc(...args: Args): void {
    const [labels, [by = 1, exemplar]] = this.split(args);
    if (typeof by === 'number' && by >= 0 && by < Infinity) this.count(labels, by, { value: by, exemplar });
    else this.refuse(labels, by, 'inc takes a finite number of 0 or more');
  }

  with(labels: LabelRecord): CounterCalls {
    this.writer.add(labels, 0);
    return new CounterCalls(this.metric, this.writer, this, copyOf(labels));
  }
}

class GaugeCalls extends Written {
  inc(...args: Args): void {
    const [labels, [by = 1]] = this.split(args);
    this.writer.add(...labels, by);
  }

  dec(...args: Args): void {
    const [labels, [by = 1]] = this.split(args);
    this.writer.add(...labels, typeof by === 'number' ? -by : by);
  }

  track<T>(...args: Args): T {
    const [labels, rest] = this.split(args);
    const one = labels.length === 0 ? this : this.with(labels[0] as LabelRecord);
    one.inc();
    return andThen(rest[0] as () => T, () => one.dec());
  }

  with(labels: LabelRecord): GaugeCalls {
    this.writer.add(labels, 0);
    return new GaugeCalls(this.metric, this.writer, this, copyOf(labels));
  }
}

class HistogramCalls extends Written {
  readonly #ladder = ladderOf(this.metric.buckets);
  // All 0 between two observations.
  readonly #counts: number[] = new Array(this.metric.buckets.length + 1).fill(0);

  observe(...args: Args): void {
    const [labels, [value, exemplar]] = this.split(args);
    if (!Number.isFinite(value)) {
      this.refuse(labels, value, 'observe takes a finite number');
      return;
    }
    const bucket = this.#ladder.find(value as number);
    this.#counts[bucket] = 1;
    const added = { counts: this.#counts, sum: value };
    this.count(labels, added, { cell: bucket, value: value as number, exemplar });
    this.#counts[bucket] = 0;
  }

  start(): (...args: Args) => number {
    const span = this.rows.start();
    const began = performance.now();
    return (...args) => {
      const seconds = (performance.now() - began) / 1000;
      const [labels, [exemplar = span]] = this.split(args);
      this.observe(...(this.isBound ? [] : labels), seconds, exemplar);
      return seconds;
    };
  }

  time<T>(...args: Args): T {
    const end = this.start();
    return andThen(args.at(-1) as () => T, () => void end(...args.slice(0, -1)));
  }

  with(labels: LabelRecord): HistogramCalls {
    this.writer.add(labels, { counts: this.#counts, sum: 0 });
    return new HistogramCalls(this.metric, this.writer, this, copyOf(labels));
  }
}

const calls: { readonly [kind: string]: (new (metric: Metric, writer: AddingWriter) => Written) | undefined } = {
  counter: CounterCalls,
  gauge: GaugeCalls,
  histogram: HistogramCalls,
};

/** Labels as they are now; those that can't be read are refused at each call. */
function copyOf(labels: LabelRecord): LabelRecord {
  try {
    return { ...labels };
  } catch {
    return labels;
  }
}
