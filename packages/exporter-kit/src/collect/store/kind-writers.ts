import { messageOf } from '../../errors/thrown.ts';
import { isBucketed, type Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { NativeHistogram } from '../native-histogram.ts';
import type { Column } from './column.ts';
import { type Drops, drop } from './drops.ts';
import type { Exemplar } from './exemplar.ts';
import { nativeIn } from './native-value.ts';
import { NO_LABELS, type PlainRows } from './plain-rows.ts';
import { Refusals } from './refusals.ts';
import { cellsOf } from './row-shape.ts';

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

/** What all writers have. */
class PlaceWriter {
  readonly run: Run;
  readonly metric: Metric;
  protected readonly at: number;
  #column: Column | undefined;
  /** @param column of a family that is known only at run time; it has no place. */
  constructor(run: Run, { metric, at }: Place, column?: Column) {
    this.run = run;
    this.metric = metric;
    this.at = at;
    this.#column = column;
  }
  get column(): Column {
    this.#column ??= this.run.column(this.at);
    return this.#column;
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
  protected override write(labels: LabelRecord, value: number, adding: boolean, exemplar?: Exemplar): number {
    return this.run.plain.setNumber(this.at, labels, value, adding, exemplar);
  }
}

/** Single lines of a histogram or summary, some of which are counts. */
class LineNumber extends PlaceWriter {
  set(labels: LabelRecord, value: number, exemplar?: Exemplar, startMs?: number): void {
    if (!this.run.isOpen) this.late();
    else if (this.#counts(labels) && !countable(value)) {
      this.refused.sample(labels, 'invalid_value', 'counts must be non-negative integers.');
    } else this.column.setNumber(labels, value, false, exemplar, startMs);
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
  #cells: Float64Array | undefined;
  constructor(read: CellReader, run: Run, place: Place, column?: Column) {
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
    this.#cells ??= new Float64Array(cellsOf(metric));
    let wrong: string | undefined;
    let native: NativeHistogram | undefined;
    try {
      const value = args[labelled ? 1 : 0];
      const found = isBucketed(metric.kind) ? nativeIn(value, metric.kind === 'gaugehistogram') : undefined;
      if (typeof found === 'string') wrong = found;
      else {
        native = found;
        wrong = this.#read(this.#cells, native === undefined ? value : withCounts(value, native, metric), metric);
      }
    } catch (error) {
      wrong = `its value can't be read: ${messageOf(error)}.`;
    }
    const exemplars = args[labelled ? 2 : 1] as readonly (Exemplar | undefined)[] | undefined;
    if (wrong === undefined) return this.column.setNumbers(labels, this.#cells, adding, exemplars, native);
    this.refused.sample(labels, 'invalid_value', wrong);
    return undefined;
  }
}

/** Converts a value into cells, or says what is wrong with it. */
type CellReader = (cells: Float64Array, value: unknown, metric: Metric) => string | undefined;

// OpenMetrics 1.0: counts are whole numbers.
const countable = (n: unknown): n is number => typeof n === 'number' && n >= 0 && Number.isInteger(n);
const isNumber = (n: unknown): n is number => typeof n === 'number';

const readHistogram: CellReader = (cells, value) => {
  const { counts, sum } = (value ?? {}) as { counts?: unknown; sum?: unknown };
  const wanted = cells.length - 1;
  if (!Array.isArray(counts) || counts.length !== wanted) {
    return `counts must have ${wanted} numbers, one for each bucket and one for the values above.`;
  }
  for (let i = 0; i < wanted; i++) {
    const count: unknown = counts[i];
    if (!countable(count)) return 'counts must be non-negative integers.';
    cells[i] = count;
  }
  if (!isNumber(sum)) return 'sum must be a number.';
  cells[wanted] = sum;
  return undefined;
};

/** A histogram's value with the count of its native buckets, if these are all that it has. */
function withCounts(value: unknown, native: NativeHistogram, { buckets }: Metric): unknown {
  const { counts, sum } = value as { readonly counts?: unknown; readonly sum: number };
  return counts === undefined && buckets.length === 0 ? { counts: [native.count], sum } : value;
}

const numbersWanted = (wanted: number): string =>
  `quantiles must have ${wanted} numbers, one for each declared quantile.`;

const readSummary: CellReader = (cells, value) => {
  const { quantiles, sum, count } = (value ?? {}) as { quantiles?: unknown; sum?: unknown; count?: unknown };
  const wanted = cells.length - 2;
  const list: readonly unknown[] = Array.isArray(quantiles) ? quantiles : [];
  for (let i = 0; i < wanted; i++) {
    const quantile = list[i];
    if (!isNumber(quantile)) return numbersWanted(wanted);
    cells[i] = quantile;
  }
  if (!Array.isArray(quantiles) || list.length !== wanted) return numbersWanted(wanted);
  if (!isNumber(sum)) return 'sum must be a number.';
  if (!countable(count)) return 'count must be a non-negative integer.';
  cells[wanted] = sum;
  cells[wanted + 1] = count;
  return undefined;
};

const readState: CellReader = (cells, value, { states }) => {
  const at = states.indexOf(value as string);
  if (at < 0) {
    const given = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `a value of type ${typeof value}`;
    return `${given} is not one of its states ${states.join(', ')}.`;
  }
  cells[0] = at;
  return undefined;
};

const readInfo: CellReader = (cells) => {
  cells[0] = 1;
  return undefined;
};

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
      return place.isPlain ? new PlainNumber(run, place) : new UnlabelledNumber(run, place, column);
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
