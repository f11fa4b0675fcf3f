import { messageOf } from '../../errors/thrown.ts';
import { isBucketed, type Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { NativeHistogram } from '../native-histogram.ts';
import { type CellReader, countable, readHistogram, readInfo, readState, readSummary } from './cell-readers.ts';
import type { Column } from './column.ts';
import { type Drops, drop } from './drops.ts';
import { copyOf, type Exemplar, INVALID_EXEMPLAR } from './exemplar.ts';
import { nativeIn } from './native/value.ts';
import { NO_LABELS, type PlainRows } from './plain-rows.ts';
import { Refusals } from './refusals.ts';

/** One run of a store. */
export interface Run {
  /** Until it ends. */
  readonly isOpen: boolean;
  readonly drops: Drops;
  readonly plain: PlainRows;
  /** Makes a declared metric's column if it has none yet: most columns of most targets are never written. */
  column(at: number): Column;
}

/** Where the samples of a declared metric go: in the plain rows or in a column, made at its first sample. */
export interface Place {
  readonly metric: Metric;
  readonly isPlain: boolean;
  /** Its number among its like. */
  readonly at: number;
}

/** What a job's writers write through. */
export interface AddingWriter {
  readonly refused: Refusals;
  /** The row that was written; `undefined` or negative if the sample was dropped. */
  set(...args: readonly unknown[]): number | undefined;
  /** Adds to what the run has written: of a histogram, each count, and the sum. */
  add(...args: readonly unknown[]): number | undefined;
  setToCurrentTime(...labels: readonly unknown[]): void;
  /** Drops and counts a sample because of its value. */
  refuse(labels: LabelRecord, why: string): void;
}

/** What all writers have. Each run makes new ones: only declared, fields take no initializer. */
class PlaceWriter {
  declare readonly run: Run;
  declare readonly metric: Metric;
  declare protected readonly at: number;
  declare private known: Column | undefined;
  /** @param column of a family that is known only at run time; it has no place. */
  constructor(run: Run, { metric, at }: Place, column: Column | undefined) {
    this.run = run;
    this.metric = metric;
    this.at = at;
    this.known = column;
  }
  get column(): Column {
    this.known ??= this.run.column(this.at);
    return this.known;
  }
  get refused(): Refusals {
    return new Refusals(this.metric, this.run.drops);
  }
  refuse(labels: LabelRecord, why: string): void {
    if (this.run.isOpen) this.refused.sample(labels, 'invalid_value', why);
    else this.late();
  }
  protected late(): undefined {
    drop(this.run.drops, 'late', () => `${this.metric.name}: was written after the run had ended.`);
  }
}

/** Gauge, counter and untyped, with labels. Classes, because `set` is the hottest call and must stay monomorphic. */
class LabelledNumber extends PlaceWriter {
  // Exemplars and starts are not in the public types: only what serves metrics of others has them.
  set(labels: LabelRecord, value: number, exemplar?: Exemplar, startMs?: number): number | undefined {
    return this.run.isOpen ? this.column.setNumber(labels, value, false, exemplar, startMs) : this.late();
  }
  add(labels: LabelRecord, value: number): number | undefined {
    return this.run.isOpen ? this.column.setNumber(labels, value, true) : this.late();
  }
  setToCurrentTime(labels: LabelRecord): void {
    this.set(labels, Date.now() / 1000);
  }
}

/** The same without labels, or with `{}` if a declaration's list of labels turns out empty at run time. */
class UnlabelledNumber extends PlaceWriter {
  set(first: unknown, second?: unknown, exemplar?: Exemplar, startMs?: number): number | undefined {
    if (second === undefined) return this.#write(NO_LABELS, first, false, exemplar, startMs);
    return this.#write(first, second, false, exemplar, startMs);
  }
  add(first: unknown, second?: unknown): number | undefined {
    return second === undefined ? this.#write(NO_LABELS, first, true) : this.#write(first, second, true);
  }
  setToCurrentTime(labels: unknown = NO_LABELS): void {
    this.#write(labels, Date.now() / 1000, false);
  }
  #write(labels: unknown, value: unknown, adding: boolean, exemplar?: Exemplar, startMs?: number): number | undefined {
    if (!this.run.isOpen) return this.late();
    if (typeof labels === 'object' && labels !== null)
      return this.write(labels as LabelRecord, value as number, adding, exemplar, startMs);
    this.refused.noLabels(labels);
    return undefined;
  }
  protected write(labels: LabelRecord, value: number, adding: boolean, exemplar?: Exemplar, startMs?: number): number {
    return this.column.setNumber(labels, value, adding, exemplar, startMs);
  }
}

/** The same in the plain rows. */
class PlainNumber extends UnlabelledNumber {
  protected override write(
    labels: LabelRecord,
    value: number,
    adding: boolean,
    exemplar?: Exemplar,
    startMs?: number,
  ): number {
    return this.run.plain.setNumber(this.at, labels, value, adding, exemplar, startMs);
  }
}

/** Single lines of a histogram or summary, some of which are counts. One line of a series may have its native buckets. */
class LineNumber extends PlaceWriter {
  set(labels: LabelRecord, value: number, exemplar?: Exemplar, startMs?: number, native?: NativeHistogram): void {
    if (!this.run.isOpen) this.late();
    else if (this.#counts(labels) && !countable(value)) {
      this.refused.sample(labels, 'invalid_value', 'counts must be non-negative integers.');
    } else {
      const row = this.column.setNumber(labels, value, false, exemplar, startMs);
      if (row >= 0 && native !== undefined) this.#setNative(labels, row, native);
    }
  }

  #setNative(labels: LabelRecord, row: number, native: NativeHistogram): void {
    const { sum, exemplars = [] } = native;
    const own = nativeIn({ sum, native }, this.metric.lines === 'gaugehistogram');
    if (typeof own === 'string') this.refused.sample(labels, 'invalid_value', own);
    if (own === undefined || typeof own === 'string') return;
    const valid = exemplars.map(copyOf).filter((exemplar) => exemplar !== undefined);
    if (valid.length < exemplars.length) this.refused.sample(labels, 'invalid_exemplar', INVALID_EXEMPLAR);
    this.column.setNative(row, valid.length === 0 ? own : { ...own, exemplars: valid });
  }

  #counts(labels: LabelRecord | undefined): boolean {
    const ending = labels?.[''];
    if (ending === '_bucket' || ending === '_count' || ending === '_gcount') return true;
    // Parsers of Prometheus take the family's own name with `le` for a bucket, too.
    return ending === '' && isBucketed(this.metric.lines!) && (labels?.le ?? '') !== '';
  }
}

/** Histogram, summary, info and stateset: `read` converts the value into the row's cells, or says what is wrong. */
class Cells extends PlaceWriter {
  readonly #read: CellReader;
  constructor(read: CellReader, run: Run, place: Place, column: Column | undefined) {
    super(run, place, column);
    this.#read = read;
  }
  set(...args: unknown[]): number | undefined {
    return this.#write(args, false);
  }
  add(...args: unknown[]): number | undefined {
    return this.#write(args, true);
  }
  #write(args: readonly unknown[], adding: boolean): number | undefined {
    if (!this.run.isOpen) return this.late();
    const { metric } = this;
    const labelled = beginsWithLabels(metric, args);
    const labels = labelled ? (args[0] as LabelRecord) : NO_LABELS;
    const { column } = this;
    let read: ReturnType<CellReader>;
    try {
      read = this.#read(column.sample, args[labelled ? 1 : 0], metric);
    } catch (error) {
      read = `its value can't be read: ${messageOf(error)}.`;
    }
    const [exemplars, startMs] = args.slice(labelled ? 2 : 1) as [(Exemplar | undefined)[]?, number?];
    if (typeof read !== 'string') return column.setNumbers(labels, column.sample, adding, exemplars, read, startMs);
    this.refused.sample(labels, 'invalid_value', read);
    return undefined;
  }
}

/** A writer of a metric; its samples go to the column, or to the place of a declared metric. */
export function writerFor(run: Run, place: Place, column?: Column): object {
  const { kind, labels, lines } = place.metric;
  if (lines !== undefined) return new LineNumber(run, place, column);
  switch (kind) {
    case 'histogram':
    case 'gaugehistogram':
      return new Cells(readHistogram, run, place, column);
    case 'summary':
      return new Cells(readSummary, run, place, column);
    case 'stateset':
      return new Cells(readState, run, place, column);
    case 'info':
      return new Cells(readInfo, run, place, column);
    default:
      if (labels.length > 0) return new LabelledNumber(run, place, column);
      return place.isPlain ? new PlainNumber(run, place, undefined) : new UnlabelledNumber(run, place, column);
  }
}

/** Drops the samples of a family in conflict with another. */
export class ConflictingWriter {
  readonly #run: Run;
  readonly #why: string;
  constructor(run: Run, why: string) {
    this.#run = run;
    this.#why = why;
  }
  set(): void {
    drop(this.#run.drops, this.#run.isOpen ? 'family_conflict' : 'late', () => this.#why);
  }
  add(): void {
    this.set();
  }
  setToCurrentTime(): void {
    this.set();
  }
}

/** Whether the arguments of a writer's `set` start with labels; if the list of labels is empty at run time, they are `{}`. */
export function beginsWithLabels({ kind, labels }: Metric, args: readonly unknown[]): boolean {
  return labels.length > 0 || (args.length > (kind === 'info' ? 0 : 1) && args[0] !== undefined);
}
