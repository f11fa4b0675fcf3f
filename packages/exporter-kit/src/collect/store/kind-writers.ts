import { messageOf } from '../../errors/thrown.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Column } from './column.ts';
import { type Drops, drop } from './drops.ts';
import type { Exemplar } from './exemplar.ts';

/** A writer of one metric in one run; closed when the run ends. */
export interface RunWriter {
  live: boolean;
}

/** What a job's writers write through. */
export interface AddingWriter extends RunWriter {
  set(...args: readonly unknown[]): void;
  /** Adds to what the run has written: of a histogram, each count, and the sum. */
  add(...args: readonly unknown[]): void;
  setToCurrentTime(...labels: readonly unknown[]): void;
  /** Drops and counts a sample because of its value. */
  refuse(labels: LabelRecord, why: string): void;
}

// With a prototype: V8 keeps objects without one as dictionaries, which would slow down the loop over labels for all.
const none: LabelRecord = Object.freeze({});

/** Gauge, counter and untyped, with labels. Classes, because `set` is the hottest call and must stay monomorphic. */
class LabelledNumber implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  constructor(column: Column, drops: Drops) {
    this.#column = column;
    this.#drops = drops;
  }
  // Exemplars are not in the public types: only what serves another client's metrics has them.
  set(labels: LabelRecord, value: number, exemplar?: Exemplar): void {
    if (this.live) this.#column.setNumber(labels, value, false, exemplar);
    else late(this.#drops, this.#column);
  }
  add(labels: LabelRecord, value: number): void {
    if (this.live) this.#column.setNumber(labels, value, true);
    else late(this.#drops, this.#column);
  }
  setToCurrentTime(labels: LabelRecord): void {
    this.set(labels, Date.now() / 1000);
  }
  refuse(labels: LabelRecord, why: string): void {
    refuse(this, this.#column, this.#drops, labels, why);
  }
}

/** The same without labels, or with `{}` if a declaration's list of labels turns out empty at run time. */
class PlainNumber implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  constructor(column: Column, drops: Drops) {
    this.#column = column;
    this.#drops = drops;
  }
  set(first: unknown, second?: unknown, exemplar?: Exemplar): void {
    if (second === undefined) this.#write(none, first, false, exemplar);
    else this.#write(first, second, false, exemplar);
  }
  add(first: unknown, second?: unknown): void {
    if (second === undefined) this.#write(none, first, true);
    else this.#write(first, second, true);
  }
  setToCurrentTime(labels: unknown = none): void {
    this.#write(labels, Date.now() / 1000, false);
  }
  refuse(labels: LabelRecord, why: string): void {
    refuse(this, this.#column, this.#drops, labels, why);
  }
  #write(labels: unknown, value: unknown, adding: boolean, exemplar?: Exemplar): void {
    if (!this.live) late(this.#drops, this.#column);
    else if (typeof labels === 'object' && labels !== null) {
      this.#column.setNumber(labels as LabelRecord, value as number, adding, exemplar);
    } else this.#column.refused.noLabels(labels);
  }
}

/** Single lines of a histogram or summary, some of which are counts. */
class LineNumber implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  constructor(column: Column, drops: Drops) {
    this.#column = column;
    this.#drops = drops;
  }
  set(labels: LabelRecord, value: number): void {
    const ending = labels?.[''];
    if (!this.live) late(this.#drops, this.#column);
    else if ((ending === '_bucket' || ending === '_count') && !countable(value)) {
      this.#column.refused.sample(labels, 'invalid_value', 'counts must be non-negative integers.');
    } else this.#column.setNumber(labels, value, false);
  }
}

/** Histogram, summary, info and stateset: `read` converts the value into the row's cells, or says what is wrong. */
class Cells implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  readonly #read: CellReader;
  readonly #cells: Float64Array;
  constructor(column: Column, drops: Drops, read: CellReader) {
    this.#column = column;
    this.#drops = drops;
    this.#read = read;
    this.#cells = new Float64Array(column.cells);
  }
  set(...args: unknown[]): void {
    this.#write(args, false);
  }
  add(...args: unknown[]): void {
    this.#write(args, true);
  }
  refuse(labels: LabelRecord, why: string): void {
    refuse(this, this.#column, this.#drops, labels, why);
  }
  #write(args: readonly unknown[], adding: boolean): void {
    if (!this.live) {
      late(this.#drops, this.#column);
      return;
    }
    const { metric } = this.#column;
    const labelled = beginsWithLabels(metric, args);
    const labels = labelled ? (args[0] as LabelRecord) : none;
    let wrong: string | undefined;
    try {
      wrong = this.#read(this.#cells, args[labelled ? 1 : 0], metric);
    } catch (error) {
      wrong = `its value can't be read: ${messageOf(error)}.`;
    }
    const exemplars = args[labelled ? 2 : 1] as readonly (Exemplar | undefined)[] | undefined;
    if (wrong === undefined) this.#column.setNumbers(labels, this.#cells, adding, exemplars);
    else this.#column.refused.sample(labels, 'invalid_value', wrong);
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

/** A writer for the column's metric. */
export function writerFor(column: Column, drops: Drops): RunWriter {
  const { kind, labels, lines } = column.metric;
  if (lines !== undefined) return new LineNumber(column, drops);
  switch (kind) {
    case 'histogram':
      return new Cells(column, drops, readHistogram);
    case 'summary':
      return new Cells(column, drops, readSummary);
    case 'stateset':
      return new Cells(column, drops, readState);
    case 'info':
      return new Cells(column, drops, readInfo);
    default:
      return labels.length === 0 ? new PlainNumber(column, drops) : new LabelledNumber(column, drops);
  }
}

function refuse({ live }: RunWriter, column: Column, drops: Drops, labels: LabelRecord, why: string): void {
  if (live) column.refused.sample(labels, 'invalid_value', why);
  else late(drops, column);
}

function late(drops: Drops, column: Column): void {
  drop(drops, 'late', () => `${column.metric.name}: was written after the run had ended.`);
}

/** Drops the samples of a family in conflict with another. */
export class ConflictingWriter implements RunWriter {
  live = true;
  readonly #drops: Drops;
  readonly #why: string;
  constructor(drops: Drops, why: string) {
    this.#drops = drops;
    this.#why = why;
  }
  set(): void {
    drop(this.#drops, this.live ? 'family_conflict' : 'late', () => this.#why);
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
