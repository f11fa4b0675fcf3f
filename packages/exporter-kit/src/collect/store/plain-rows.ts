import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { type Budget, overflows } from './column.ts';
import type { Drops } from './drops.ts';
import { type EscapedLines, newEscapedLines } from './escaped-lines.ts';
import { copyOf, type Exemplar, INVALID_EXEMPLAR } from './exemplar.ts';
import { extraOf } from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { lineHeads } from './line-heads.ts';
import { Refusals } from './refusals.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

/** Whether a metric is one number without labels, for {@link PlainRows}. */
export function isPlain({ kind, labels, lines }: Metric): boolean {
  return labels.length === 0 && lines === undefined && (kind === 'gauge' || kind === 'counter' || kind === 'unknown');
}

/**
 * The metrics of a store that are one number without labels: all are rows of the same arrays, where columns of their own would
 * take a kilobyte each. With thousands of targets, that is most of the memory.
 */
export class PlainRows {
  readonly #metrics: readonly Metric[];
  readonly #constLabels: LabelRecord;
  readonly #drops: Drops;
  readonly #budget: Budget;
  readonly #overwriting: boolean;
  // Of each metric, its row plus 1; 0 until it is written.
  #rowOf: Uint32Array = NO_ROWS;
  #rows = 0;
  #arena = new LineArena();
  // Of each row.
  readonly #escaped: EscapedLines[] = [];
  #gen = 0;
  #gens: Uint32Array = NO_ROWS;
  #vals: Float64Array = NO_VALS;
  // Of this run; made at the first one.
  #exemplars: (Exemplar | undefined)[] | undefined;
  #starts: Float64Array | undefined;

  constructor(
    metrics: readonly Metric[],
    constLabels: LabelRecord,
    drops: Drops,
    budget: Budget,
    overwriting: boolean,
  ) {
    this.#metrics = metrics;
    this.#constLabels = constLabels;
    this.#drops = drops;
    this.#budget = budget;
    this.#overwriting = overwriting;
  }

  /** Starts a run. `shared`: the last run's numbers are still being read, so this run needs its own. */
  begin(gen: number, shared: boolean): void {
    if (shared && this.#rows > 0) {
      this.#gens = this.#gens.slice();
      this.#vals = new Float64Array(this.#vals.length);
    }
    this.#gen = gen;
    this.#exemplars = undefined;
    this.#starts = undefined;
  }

  /** Sets the number of a metric; with `adding`, adds to what this run wrote before. Returns its row, or -1 if it is dropped. */
  setNumber(
    at: number,
    labels: LabelRecord,
    value: number,
    adding: boolean,
    exemplar?: Exemplar,
    startMs?: number,
  ): number {
    const isCounter = this.#metrics[at]!.kind === 'counter';
    if (typeof value !== 'number' || (isCounter && !(value >= 0))) this.#refused(at).value(labels, value);
    else if (labels === NO_LABELS || this.#isEmpty(at, labels))
      return this.#write(at, value, adding, isCounter, exemplar, startMs);
    return -1;
  }

  #write(
    at: number,
    value: number,
    adding: boolean,
    isCounter: boolean,
    exemplar: Exemplar | undefined,
    startMs: number | undefined,
  ): number {
    const known = this.#rowOf[at] ?? 0;
    if (known === 0 || this.#gens[known - 1] !== this.#gen) {
      if (--this.#budget.left < 0) {
        this.#refused(at).overBudget(NO_LABELS, this.#budget.limit);
        return -1;
      }
      const row = known === 0 ? this.#add(at) : known - 1;
      this.#gens[row] = this.#gen;
      this.#vals[row] = value;
      if (exemplar != null) this.#keepExemplar(at, row, exemplar);
      if (startMs !== undefined) {
        this.#starts ??= new Float64Array(this.#metrics.length);
        this.#starts[row] = startMs;
      }
      return row;
    }
    const row = known - 1;
    const sum = this.#vals[row]! + value;
    if (adding && isCounter && overflows(this.#vals[row]!, value)) this.#refused(at).value(NO_LABELS, sum);
    else if (!adding && !this.#overwriting) this.#refused(at).duplicate(NO_LABELS);
    else {
      this.#vals[row] = adding ? sum : value;
      return row;
    }
    return -1;
  }

  /** What the run has written of a metric. */
  snapshot(at: number): SnapshotColumn | undefined {
    const row = (this.#rowOf[at] ?? 0) - 1;
    if (row < 0 || this.#gens[row] !== this.#gen) return undefined;
    return {
      metric: this.#metrics[at]!,
      first: row,
      rows: row + 1,
      gen: this.#gen,
      gens: this.#gens,
      vals: this.#vals,
      cells: 1,
      exemplars: this.#exemplars,
      starts: this.#starts,
      nativeOf: undefined,
      lines: 1,
      heads: 1,
      bytes: this.#arena.bytes,
      view: this.#arena.view,
      ends: this.#arena.ends,
      frame: undefined,
      live: 1,
      escapedLines: this.#escaped[row]!,
      labelNames: NO_NAMES,
      labelKeys: noKeys,
      drops: this.#drops,
    };
  }

  #add(at: number): number {
    if (this.#rowOf.length === 0) this.#rowOf = new Uint32Array(this.#metrics.length);
    const row = this.#rows++;
    if (row === this.#gens.length) {
      const [gens, vals] = [this.#gens, this.#vals];
      this.#gens = new Uint32Array(roomFor(row, this.#metrics.length));
      this.#gens.set(gens);
      this.#vals = new Float64Array(this.#gens.length);
      this.#vals.set(vals);
    }
    const metric = this.#metrics[at]!;
    for (const head of lineHeads(metric, this.#constLabels).of(NO_LABELS)) this.#arena.append(head);
    this.#escaped.push(newEscapedLines(metric, this.#constLabels));
    this.#rowOf[at] = row + 1;
    return row;
  }

  #refused(at: number): Refusals {
    return new Refusals(this.#metrics[at]!, this.#drops);
  }

  /** Whether labels from plain JavaScript, or of a list that is empty at run time, are none. */
  #isEmpty(at: number, labels: LabelRecord): boolean {
    try {
      const extra = extraOf(labels, NO_NAMES);
      if (extra === undefined) return true;
      this.#refused(at).extra(NO_LABELS, extra);
    } catch (error) {
      this.#refused(at).unreadable(error);
    }
    return false;
  }

  #keepExemplar(at: number, row: number, exemplar: Exemplar): void {
    const own = copyOf(exemplar);
    if (own === undefined) this.#refused(at).sample(NO_LABELS, 'invalid_exemplar', INVALID_EXEMPLAR);
    else {
      this.#exemplars ??= [];
      while (this.#exemplars.length < row) this.#exemplars.push(undefined);
      this.#exemplars[row] = own;
    }
  }
}

/** Doubles, up to what all metrics need. */
const roomFor = (rows: number, most: number): number => Math.min(most, Math.max(4, 2 * rows));

/** The labels of a series without any. */
// With a prototype: V8 keeps objects without one as dictionaries, which would slow down the loop over labels for all.
export const NO_LABELS: LabelRecord = Object.freeze({});

// Never written to.
const NO_NAMES: readonly string[] = [];
const noKeys = (): readonly string[] => NO_NAMES;
const NO_ROWS = new Uint32Array(0);
const NO_VALS = new Float64Array(0);
