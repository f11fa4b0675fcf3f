import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Column } from './column.ts';
import type { Drops } from './drops.ts';
import { drop } from './drops.ts';

/** A writer as the store hands it out: one for each metric and run, shut when the run ends. */
export interface RunWriter {
  live: boolean;
}

const none: LabelRecord = Object.freeze(Object.create(null));

/** gauge, counter, untyped with labels. Classes, because `set` is the hottest call there is and must stay monomorphic. */
class LabelledNumber implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  constructor(column: Column, drops: Drops) {
    this.#column = column;
    this.#drops = drops;
  }
  set(labels: LabelRecord, value: number): void {
    if (this.live) this.#column.setNumber(labels, value, false);
    else late(this.#drops, this.#column);
  }
  add(labels: LabelRecord, value: number): void {
    if (this.live) this.#column.setNumber(labels, value, true);
    else late(this.#drops, this.#column);
  }
  setToCurrentTime(labels: LabelRecord): void {
    this.set(labels, Date.now() / 1000);
  }
}

/** The same without labels. */
class PlainNumber implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  constructor(column: Column, drops: Drops) {
    this.#column = column;
    this.#drops = drops;
  }
  set(value: number): void {
    if (this.live) this.#column.setNumber(none, value, false);
    else late(this.#drops, this.#column);
  }
  add(value: number): void {
    if (this.live) this.#column.setNumber(none, value, true);
    else late(this.#drops, this.#column);
  }
  setToCurrentTime(): void {
    this.set(Date.now() / 1000);
  }
}

/** histogram, summary, info, stateset: `read` turns what `set` got after the labels into the row's cells, or says what is wrong. */
class Cells implements RunWriter {
  live = true;
  readonly #column: Column;
  readonly #drops: Drops;
  readonly #read: CellReader;
  constructor(column: Column, drops: Drops, read: CellReader) {
    this.#column = column;
    this.#drops = drops;
    this.#read = read;
  }
  set(...args: unknown[]): void {
    if (!this.live) {
      late(this.#drops, this.#column);
      return;
    }
    const labelled = this.#column.metric.labels.length > 0;
    const labels = labelled ? (args[0] as LabelRecord) : none;
    const cells = this.#read(this.#column.metric, args[labelled ? 1 : 0]);
    if (typeof cells === 'string') this.#column.refuse(labels, 'invalid_value', cells);
    else this.#column.setNumbers(labels, cells);
  }
}

type CellReader = (metric: Metric, value: unknown) => readonly number[] | string;

// OpenMetrics 1.0: counts are whole numbers.
const countable = (n: unknown): n is number => typeof n === 'number' && n >= 0 && Number.isInteger(n);
const isNumber = (n: unknown): n is number => typeof n === 'number';

const readHistogram: CellReader = (metric, value) => {
  const { counts, sum } = (value ?? {}) as { counts?: unknown; sum?: unknown };
  const wanted = metric.buckets.length + 1;
  if (!Array.isArray(counts) || counts.length !== wanted) {
    return `counts must hold ${wanted} numbers, one for each bucket and one for those above.`;
  }
  if (!counts.every(countable)) return 'counts must be whole numbers, not negative.';
  return isNumber(sum) ? [...counts, sum] : 'sum must be a number.';
};

const readSummary: CellReader = (metric, value) => {
  const { quantiles, sum, count } = (value ?? {}) as { quantiles?: unknown; sum?: unknown; count?: unknown };
  const wanted = metric.quantiles.length;
  if (!Array.isArray(quantiles) || quantiles.length !== wanted || !quantiles.every(isNumber)) {
    return `quantiles must hold ${wanted} numbers, one for each declared quantile.`;
  }
  if (!isNumber(sum)) return 'sum must be a number.';
  return countable(count) ? [...quantiles, sum, count] : 'count must be a whole number, not negative.';
};

const readState: CellReader = (metric, value) => {
  const at = metric.states.indexOf(value as string);
  if (at >= 0) return [at];
  const given = typeof value === 'string' ? JSON.stringify(value) : `a value of type ${typeof value}`;
  return `${given} is not one of its states ${metric.states.join(', ')}.`;
};

const readInfo: CellReader = () => [1];

/** The writer that fits the column's metric. */
export function writerFor(column: Column, drops: Drops): RunWriter {
  const { kind, labels } = column.metric;
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

function late(drops: Drops, column: Column): void {
  drop(drops, 'late', () => `${column.metric.name}: was written after the run had ended.`);
}
