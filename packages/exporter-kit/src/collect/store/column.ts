import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { NativeHistogram } from '../native-histogram.ts';
import type { Drops } from './drops.ts';
import { type EscapedLines, newEscapedLines } from './escaped-lines.ts';
import { copyOf, type Exemplar, INVALID_EXEMPLAR } from './exemplar.ts';
import { LabelRows } from './label-rows.ts';
import { areAllowed } from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { type BucketFrame, type LineHeads, lineHeads } from './line-heads.ts';
import { Refusals } from './refusals.ts';
import { cellsOf, headsOf, linesOf } from './row-shape.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

/** Number of series that a run may still write, over all columns of a store. */
export interface Budget {
  left: number;
  limit: number;
}

/** All series of one metric, kept across runs: each row's line heads are encoded once, and a run writes only numbers. */
export class Column {
  readonly metric: Metric;
  readonly refused: Refusals;
  readonly #drops: Drops;
  readonly #budget: Budget;
  readonly #constLabels: LabelRecord;
  /** Numbers per row. */
  readonly cells: number;
  readonly #lines: number;
  // Line heads per row.
  readonly #headsPerRow: number;
  readonly #monotonic: boolean;
  readonly #overwriting: boolean;
  // Once a second row may come.
  #heads: LineHeads | undefined;
  #frame: BucketFrame | undefined;
  readonly #rows: LabelRows;
  #arena = new LineArena();
  #escapedLines: EscapedLines;

  // With thousands of targets, most columns have one row or none, so that each grows from nothing.
  #gen = 0;
  #gens = NO_GENS;
  #vals = NO_VALS;
  #live = 0;
  // By cell, of this run; made at the first one.
  #exemplars: (Exemplar | undefined)[] | undefined;
  #starts: Float64Array | undefined;
  // By row, likewise.
  #natives: (NativeHistogram | undefined)[] | undefined;
  #sample: Float64Array | undefined;

  constructor(metric: Metric, constLabels: LabelRecord, drops: Drops, budget: Budget, overwriting: boolean) {
    this.metric = metric;
    this.#constLabels = constLabels;
    this.refused = new Refusals(metric, drops);
    this.#drops = drops;
    this.#budget = budget;
    this.cells = cellsOf(metric);
    this.#lines = linesOf(metric);
    this.#headsPerRow = headsOf(metric);
    this.#monotonic = metric.kind === 'counter';
    this.#overwriting = overwriting;
    this.#rows = new LabelRows(metric.labels, this.refused, (labels) => this.#admit(labels));
    this.#escapedLines = newEscapedLines(metric, constLabels);
  }

  /** For the `cells` numbers of a sample that is being read. */
  get sample(): Float64Array {
    this.#sample ??= new Float64Array(this.cells);
    return this.#sample;
  }

  /** Number of rows that the run has written so far. */
  get live(): number {
    return this.#live;
  }

  /** Starts a run. `shared`: the last run's numbers are still being read, so this run needs its own. */
  begin(gen: number, shared: boolean): void {
    if (this.#rows.count > 2 * this.#live + 256) this.#compact();
    else if (shared && this.#live > 0) {
      this.#gens = this.#gens.slice();
      this.#vals = new Float64Array(this.#vals.length);
    }
    this.#gen = gen;
    this.#rows.rewind();
    this.#live = 0;
    this.#exemplars = undefined;
    this.#starts = undefined;
    this.#natives = undefined;
  }

  /** What the run has written. */
  snapshot(): SnapshotColumn {
    const natives = this.#natives;
    const { names, keys } = this.#rows;
    return {
      metric: this.metric,
      first: 0,
      rows: this.#rows.count,
      gen: this.#gen,
      gens: this.#gens,
      vals: this.#vals,
      cells: this.cells,
      exemplars: this.#exemplars,
      starts: this.#starts,
      nativeOf: natives && ((row) => natives[row]),
      lines: this.#lines,
      heads: this.#headsPerRow,
      bytes: this.#arena.bytes,
      view: this.#arena.view,
      ends: this.#arena.ends,
      frame: this.#frame,
      live: this.#live,
      escapedLines: this.#escapedLines,
      labelNames: names,
      labelKeys: () => keys,
      drops: this.#drops,
    };
  }

  /**
   * Sets the number of the row with these labels; with `adding`, adds to what this run wrote before. Returns the row, or -1 if
   * the sample is dropped.
   */
  setNumber(labels: LabelRecord, value: number, adding: boolean, exemplar?: Exemplar, startMs?: number): number {
    if (typeof value !== 'number' || (this.#monotonic && !(value >= 0))) {
      this.refused.value(labels, value);
      return -1;
    }
    const row = this.#rows.find(labels);
    if (row < 0) return row;
    if (this.#gens[row] !== this.#gen) {
      if (--this.#budget.left < 0) {
        this.refused.overBudget(this.#rows.labelsOf(row), this.#budget.limit);
        return -1;
      }
      this.#gens[row] = this.#gen;
      this.#vals[row] = value;
      this.#live++;
      if (exemplar != null) this.#keepExemplar(row, 0, exemplar);
      if (startMs !== undefined) this.#keepStart(row, startMs);
    } else if (adding) return this.#addNumber(row, value);
    else if (this.#overwriting) this.#vals[row] = value;
    else {
      this.refused.duplicate(this.#rows.labelsOf(row));
      return -1;
    }
    return row;
  }

  /**
   * Sets the `cells` numbers of the row with these labels, as {@link setNumber} sets one. A histogram's buckets may have
   * exemplars, and native buckets may come beside them.
   */
  setNumbers(
    labels: LabelRecord,
    values: Float64Array,
    adding: boolean,
    exemplars?: readonly (Exemplar | undefined)[],
    native?: NativeHistogram,
    startMs?: number,
  ): number {
    const row = this.#rows.find(labels);
    if (row < 0) return row;
    if (this.#gens[row] === this.#gen) {
      if (adding) {
        // Which native bucket has the new ones is not known.
        this.setNative(row, undefined);
        return this.#addNumbers(row, values);
      }
      if (!this.#overwriting) {
        this.refused.duplicate(this.#rows.labelsOf(row));
        return -1;
      }
      this.#vals.set(values, row * this.cells);
      this.setNative(row, native);
      return row;
    }
    if (--this.#budget.left < 0) {
      this.refused.overBudget(this.#rows.labelsOf(row), this.#budget.limit);
      return -1;
    }
    this.#gens[row] = this.#gen;
    this.#vals.set(values, row * this.cells);
    this.#live++;
    this.setNative(row, native);
    if (startMs !== undefined) this.#keepStart(row, startMs);
    if (!Array.isArray(exemplars)) return row;
    for (let cell = 0; cell < this.cells - 1; cell++) {
      const exemplar = exemplars[cell];
      if (exemplar != null) this.#keepExemplar(row, cell, exemplar);
    }
    return row;
  }

  /** Gives a row that this run has written its native buckets. */
  setNative(row: number, native: NativeHistogram | undefined): void {
    if (native === undefined && this.#natives?.[row] === undefined) return;
    this.#natives ??= [];
    while (this.#natives.length < row) this.#natives.push(undefined);
    this.#natives[row] = native;
  }

  #keepStart(row: number, startMs: number): void {
    this.#starts ??= new Float64Array(this.#gens.length);
    if (row >= this.#starts.length) {
      const longer = new Float64Array(this.#gens.length);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    this.#starts[row] = startMs;
  }

  #keepExemplar(row: number, cell: number, exemplar: Exemplar): void {
    const own = copyOf(exemplar);
    if (own === undefined) {
      this.refused.sample(this.#rows.labelsOf(row), 'invalid_exemplar', INVALID_EXEMPLAR);
      return;
    }
    this.#exemplars ??= [];
    const at = row * this.cells + cell;
    while (this.#exemplars.length < at) this.#exemplars.push(undefined);
    this.#exemplars[at] = own;
  }

  /** A counter that has become Infinity would never count again. */
  #addNumber(row: number, value: number): number {
    const sum = this.#vals[row]! + value;
    if (this.#monotonic && overflows(this.#vals[row]!, value)) {
      this.refused.value(this.#rows.labelsOf(row), sum);
      return -1;
    }
    this.#vals[row] = sum;
    return row;
  }

  /** Likewise a histogram's sum, in its last cell. */
  #addNumbers(row: number, values: Float64Array): number {
    const first = row * this.cells;
    const last = this.cells - 1;
    if (overflows(this.#vals[first + last]!, values[last]!)) {
      this.refused.sample(this.#rows.labelsOf(row), 'invalid_value', 'its sum would be too large for a number.');
      return -1;
    }
    for (let cell = 0; cell < this.cells; cell++) this.#vals[first + cell]! += values[cell]!;
    return row;
  }

  /** Makes room for the next row and writes its line heads, if its labels are allowed. */
  #admit(labels: LabelRecord): boolean {
    if (!areAllowed(labels, this.metric, this.refused)) return false;
    if (this.#budget.left <= 0) {
      this.refused.overBudget(labels, this.#budget.limit);
      return false;
    }
    if (this.#rows.count === this.#gens.length) this.#grow();
    const heads = this.#heads ?? lineHeads(this.metric, this.#constLabels);
    if (this.metric.labels.length > 0) this.#heads = heads;
    this.#frame = heads.frame;
    for (const head of heads.of(labels)) this.#arena.append(head);
    return true;
  }

  #grow(): void {
    const [gens, vals] = [this.#gens, this.#vals];
    const rows = Math.max(1, gens.length * 2);
    this.#gens = new Uint32Array(rows);
    this.#gens.set(gens);
    this.#vals = new Float64Array(rows * this.cells);
    this.#vals.set(vals);
  }

  /** Removes rows that the last two runs did not write, so that memory follows live series. Snapshots are not affected. */
  #compact(): void {
    const [gens, arena, heads] = [this.#gens, this.#arena, this.#headsPerRow];
    const kept: number[] = [];
    for (let row = 0; row < this.#rows.count; row++) if (gens[row]! >= this.#gen - 1) kept.push(row);
    const size = Math.max(8, kept.length);
    this.#gens = new Uint32Array(size);
    this.#vals = new Float64Array(size * this.cells);
    this.#arena = new LineArena();
    this.#escapedLines = newEscapedLines(this.metric, this.#constLabels);
    kept.forEach((row, i) => {
      this.#gens[i] = gens[row]!;
      this.#arena.appendFrom(arena, row * heads, heads);
    });
    this.#rows.keep(kept);
  }
}

// Never written to.
const NO_GENS = new Uint32Array(0);
const NO_VALS = new Float64Array(0);

/** Whether the sum of two numbers is too large for a number. */
export const overflows = (a: number, b: number): boolean =>
  Number.isFinite(a) && Number.isFinite(b) && !Number.isFinite(a + b);
