import type { Exemplar } from '../../../collect/store/exemplar.ts';
import type { FreezeOptions, FrozenFamily } from '../../../collect/store/frozen.ts';
import type { Metric } from '../../../metric/metric.ts';
import type { LiveFamily } from '../../family.ts';
import { NativeCells } from '../../native/cells.ts';
import type { Part } from '../part.ts';
import { exemplarOf, isTime } from './exemplar-report.ts';
import { increaseOf } from './native-report.ts';
import type { FamilyReport } from './report.ts';

// As for label values that are counted here.
const LONGEST_VALUE = 4096;

/** One family of another process, as that one has reported it. What it reports is checked: it may be anything. */
export class MirroredFamily {
  readonly #family: LiveFamily;
  readonly #most: number;
  readonly #counts: boolean;
  #ids = new Uint32Array(0);
  // What readers get: a copy, until a series begins or ends.
  #exposed: Uint32Array | undefined;
  // Of the last series that each row had, which it gets again if it comes back.
  #lastIds = new Uint32Array(0);
  #vals = new Float64Array(0);
  #starts = new Float64Array(0);
  #idle = new Uint8Array(0);
  #texts: string[][] = [];
  #native: NativeCells | undefined;
  // By row and cell; made at the first one.
  #exemplars: (Exemplar | undefined)[] | undefined;
  #count = 0;
  #lastId = 0;

  constructor(family: LiveFamily) {
    this.#family = family;
    this.#counts = family.metric.kind === 'counter' || family.metric.kind === 'histogram';
    // Rows of the overflow are beyond `maxSeries`.
    const overflow = family.metric.labels.reduce((product, { values }) => product * (values?.length ?? 1), 1);
    this.#most = family.maxSeries + overflow;
    this.#native = family.native && new NativeCells(family.native.shape);
  }

  /** Forgets all series, before a report that has them all. */
  clear(): void {
    this.#ids.fill(0);
    this.#exposed = undefined;
    this.#exemplars = undefined;
  }

  /**
   * Takes over what has changed; false for a report that is not in order: what came before its mistake is kept.
   *
   * @param inherits whether counts can be handed over.
   */
  apply(report: unknown, inherits: boolean): boolean {
    const {
      began,
      ended,
      values,
      natives,
      idle = [],
      exemplars = [],
      handedOver = [],
    } = report as { readonly [K in keyof FamilyReport]: unknown };
    if (![began, ended, values, natives === null ? [] : natives, idle, exemplars, handedOver].every(Array.isArray))
      return false;
    if (natives === null) this.#native = undefined;
    return (
      (ended as unknown[]).every((row) => this.#end(row)) &&
      (began as unknown[]).every((series) => this.#begin(series)) &&
      this.#setAll(values as unknown[]) &&
      (idle as unknown[]).every((row) => this.#setIdle(row)) &&
      ((natives ?? []) as unknown[]).every((native) => this.#addNative(native)) &&
      (exemplars as unknown[]).every((exemplar) => this.#setExemplar(exemplar)) &&
      (!inherits || this.#inherit(handedOver as unknown[]))
    );
  }

  /** Its rows as they are now. A gauge, info or stateset has none once its process has ended. */
  part(options: FreezeOptions | undefined, hasEnded: boolean): Part | undefined {
    return hasEnded && !this.#counts ? undefined : { frozen: this.#frozen(options), key: this };
  }

  /** Adds what was counted to the numbers here, or takes it from them, without native buckets and exemplars. */
  bequeath(factor: 1 | -1): void {
    if (!this.#counts) return;
    if (factor < 0) {
      this.#vals = this.#vals.map((value) => -value);
      this.#exemplars = undefined;
    }
    const frozen = this.#frozen({ natives: factor > 0 });
    for (let row = 0; row < this.#count; row++) {
      if (this.#ids[row] !== 0) this.#family.add(frozen, row);
    }
  }

  /** Adds the counts of these rows to the numbers here. */
  #inherit(rows: readonly unknown[]): boolean {
    if (rows.length === 0) return true;
    if (!this.#counts || !rows.every((row) => this.#isExposed(row))) return false;
    const frozen = this.#frozen({ natives: true });
    for (const row of new Set(rows as number[])) {
      this.#family.add(frozen, row);
      this.#end(row);
    }
    return true;
  }

  #frozen({ natives = false }: FreezeOptions = {}): FrozenFamily {
    const { metric, cells } = this.#family;
    const texts = this.#texts;
    this.#exposed ??= this.#ids.slice(0, this.#count);
    return {
      metric,
      ids: this.#exposed,
      vals: this.#vals,
      cells: cells.perRow,
      starts: this.#counts ? this.#starts.subarray(0, this.#count) : undefined,
      exemplars: this.#exemplars,
      idle: this.#idle,
      labelsOf: (row) => texts[row]!,
      ...(natives && this.#native && { nativeOf: this.#native.freeze() }),
    };
  }

  #isRow(row: unknown): row is number {
    return Number.isInteger(row) && (row as number) >= 0 && (row as number) < this.#most;
  }

  #isExposed(row: unknown): row is number {
    return this.#isRow(row) && row < this.#count && this.#ids[row] !== 0;
  }

  #end(row: unknown): boolean {
    if (!this.#isRow(row)) return false;
    this.#exposed = undefined;
    if (row < this.#count) this.#ids[row] = 0;
    return true;
  }

  #begin(series: unknown): boolean {
    if (!Array.isArray(series)) return false;
    const [row, start, ...texts] = series as [unknown, unknown, ...unknown[]];
    if (!this.#isRow(row) || !isTime(start) || !areLabels(texts, this.#family.metric)) return false;
    this.#reach(row + 1);
    const known = this.#texts[row]!;
    if (this.#lastIds[row] === 0 || texts.some((text, i) => text !== known[i])) {
      this.#lastIds[row] = ++this.#lastId;
      this.#texts[row] = texts;
    }
    this.#ids[row] = this.#lastIds[row]!;
    this.#exposed = undefined;
    this.#starts[row] = start;
    this.#idle[row] = 0;
    const { perRow } = this.#family.cells;
    this.#vals.fill(0, row * perRow, (row + 1) * perRow);
    this.#exemplars?.fill(undefined, row * perRow, (row + 1) * perRow);
    this.#native?.clear(row);
    return true;
  }

  #setIdle(row: unknown): boolean {
    const isIdle = (row as number) >= 0;
    const at = isIdle ? row : -1 - (row as number);
    if (!this.#isExposed(at)) return false;
    this.#idle[at] = isIdle ? 1 : 0;
    return true;
  }

  #setExemplar(report: unknown): boolean {
    const exemplar = exemplarOf(report);
    const [row, cell] = exemplar === undefined ? [] : (report as readonly unknown[]);
    if (exemplar === undefined || !this.#isExposed(row) || !this.#hasExemplars(cell)) return false;
    const at = row * this.#family.cells.perRow + cell;
    this.#exemplars ??= [];
    while (this.#exemplars.length < at) this.#exemplars.push(undefined);
    this.#exemplars[at] = exemplar;
    return true;
  }

  /** A counter's number, or a histogram's buckets, after which comes the sum. */
  #hasExemplars(cell: unknown): cell is number {
    const { kind, buckets } = this.#family.metric;
    const most = kind === 'counter' ? 0 : kind === 'histogram' ? buckets.length : -1;
    return Number.isInteger(cell) && (cell as number) >= 0 && (cell as number) <= most;
  }

  #addNative(report: unknown): boolean {
    const increase = this.#family.native && increaseOf(report, this.#family.native.shape);
    if (increase === undefined) return false;
    const [row, isWhole] = report as readonly unknown[];
    if (!this.#isExposed(row)) return false;
    if (isWhole === true) this.#native?.clear(row);
    this.#native?.addIncrease(row, increase);
    return true;
  }

  #setAll(values: readonly unknown[]): boolean {
    if (values.length % 3 !== 0) return false;
    const { metric, cells } = this.#family;
    for (let i = 0; i < values.length; i += 3) {
      const [row, cell, value] = [values[i], values[i + 1], numberOf(values[i + 2])];
      if (!this.#isExposed(row)) return false;
      if (!Number.isInteger(cell) || (cell as number) < 0 || (cell as number) >= cells.perRow) return false;
      if (value === undefined || !isValue(value, metric, cell as number)) return false;
      this.#vals[row * cells.perRow + (cell as number)] = value;
    }
    return true;
  }

  #reach(rows: number): void {
    if (rows > this.#ids.length) {
      const length = Math.min(Math.max(rows, 2 * this.#ids.length, 16), this.#most);
      const [ids, lastIds, idle] = [new Uint32Array(length), new Uint32Array(length), new Uint8Array(length)];
      const [vals, starts] = [new Float64Array(length * this.#family.cells.perRow), new Float64Array(length)];
      ids.set(this.#ids);
      vals.set(this.#vals);
      lastIds.set(this.#lastIds);
      starts.set(this.#starts);
      idle.set(this.#idle);
      this.#ids = ids;
      this.#lastIds = lastIds;
      this.#vals = vals;
      this.#starts = starts;
      this.#idle = idle;
    }
    while (this.#count < rows) this.#texts[this.#count++] = [];
  }
}

function areLabels(texts: readonly unknown[], { labels }: Metric): texts is string[] {
  return (
    texts.length === labels.length &&
    labels.every(({ values }, i) => {
      const text = texts[i];
      if (typeof text !== 'string' || text.length > LONGEST_VALUE || !text.isWellFormed()) return false;
      return values === undefined || values.includes(text);
    })
  );
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}

function isValue(value: number, { kind, states, buckets }: Metric, cell: number): boolean {
  if (kind === 'gauge') return true;
  if (!Number.isFinite(value)) return false;
  if (kind === 'stateset') return Number.isInteger(value) && value >= 0 && value < states.length;
  if (kind === 'info') return value === 1;
  if (kind !== 'histogram') return value >= 0;
  // The last one is the sum, which may be negative.
  return cell === buckets.length + 1 || (Number.isSafeInteger(value) && value >= 0);
}
