import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Drops } from './drops.ts';
import { type EscapedLines, newEscapedLines } from './escaped-lines.ts';
import {
  areAllowed,
  extraOf,
  givenRecord,
  labelRecord,
  labelsOfRow,
  labelText,
  orderOf,
  valuesOf,
} from './label-values.ts';
import { LineArena } from './line-arena.ts';
import { lineHeads } from './line-heads.ts';
import { type Refusals, refusals } from './refusals.ts';
import { hashValues, RowIndex } from './row-index.ts';
import { cellsOf, lineShapes } from './row-shape.ts';

/** A column after a run, valid until released: the run wrote the rows whose `gens` is `gen`. */
export interface SnapshotColumn {
  readonly metric: Metric;
  readonly rows: number;
  readonly gen: number;
  readonly gens: Uint32Array;
  /** `cells` numbers for each row. */
  readonly vals: Float64Array;
  readonly cells: number;
  /** Line heads, `lines` for each row; see {@link LineArena}. */
  readonly lines: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly ends: Uint32Array;
  /** Number of rows that the run wrote. */
  readonly live: number;
  /** The lines with names escaped; see {@link withEscapedNames}. */
  readonly escapedLines: EscapedLines;
  /** Names of a row's labels, without the collector's own. */
  readonly labelNames: readonly string[];
  /** Label values as they were given, `labelNames.length` for each row; {@link labelText} converts them. */
  readonly labelKeys: readonly unknown[];
  /** Counts of the collector, for samples that a format drops. */
  readonly drops: Drops;
}

const NOTHING = Symbol('nothing');

/** Number of series that a run may still write, over all columns of a store. */
export interface Budget {
  left: number;
  limit: number;
}

/**
 * All series of one metric, kept across runs: each row's line heads are encoded once, and a run writes only numbers.
 *
 * A row is predicted to be the one that followed last time; only a misprediction is looked up. For a source with a stable
 * order, a sample costs a few pointer comparisons.
 */
export class Column {
  readonly metric: Metric;
  readonly refused: Refusals;
  readonly #drops: Drops;
  readonly #budget: Budget;
  readonly #constLabels: LabelRecord;
  readonly #declared: readonly string[];
  /** Numbers per row. */
  readonly cells: number;
  readonly #lines: number;
  readonly #monotonic: boolean;
  readonly #overwriting: boolean;
  readonly #heads: (labels: LabelRecord) => string[];

  // Label names in the order of the first call, so that one for-in loop compares names and values.
  #names: readonly string[];
  // The label value that was read and differs from the predicted row's.
  #differing: unknown = NOTHING;
  #keys: unknown[] = [];
  #index = new RowIndex();
  #arena = new LineArena();
  #escapedLines: EscapedLines;
  #rows = 0;
  #next = new Uint32Array(9).map((_, i) => i);
  #last = 0;

  #gen = 0;
  #gens = new Uint32Array(8);
  #vals: Float64Array;
  #live = 0;

  constructor(metric: Metric, constLabels: LabelRecord, drops: Drops, budget: Budget, overwriting: boolean) {
    this.metric = metric;
    this.#constLabels = constLabels;
    this.refused = refusals(metric, drops);
    this.#drops = drops;
    this.#budget = budget;
    this.#declared = metric.labels.map((label) => label.name);
    this.#names = this.#declared;
    this.cells = cellsOf(metric);
    this.#lines = lineShapes(metric).length;
    this.#monotonic = metric.kind === 'counter';
    this.#overwriting = overwriting;
    this.#heads = lineHeads(metric, constLabels);
    this.#escapedLines = newEscapedLines(metric, constLabels);
    this.#vals = new Float64Array(8 * this.cells);
  }

  /** Starts a run. `shared`: the last run's numbers are still being read, so this run needs its own. */
  begin(gen: number, shared: boolean): void {
    if (this.#rows > 2 * this.#live + 256) this.#compact();
    else if (shared) {
      this.#gens = this.#gens.slice();
      this.#vals = new Float64Array(this.#vals.length);
    }
    this.#gen = gen;
    this.#last = 0;
    this.#live = 0;
  }

  /** What the run has written. */
  snapshot(): SnapshotColumn {
    return {
      metric: this.metric,
      rows: this.#rows,
      gen: this.#gen,
      gens: this.#gens,
      vals: this.#vals,
      cells: this.cells,
      lines: this.#lines,
      bytes: this.#arena.bytes,
      view: this.#arena.view,
      ends: this.#arena.ends,
      live: this.#live,
      escapedLines: this.#escapedLines,
      labelNames: this.#names,
      labelKeys: this.#keys,
      drops: this.#drops,
    };
  }

  /** Sets the number of the row with these labels; with `adding`, adds to what this run wrote before. */
  setNumber(labels: LabelRecord, value: number, adding: boolean): void {
    if (typeof value !== 'number' || (this.#monotonic && !(value >= 0))) {
      this.refused.value(labels, value);
      return;
    }
    const row = this.#find(labels);
    if (row < 0) return;
    if (this.#gens[row] !== this.#gen) {
      if (--this.#budget.left < 0) {
        this.refused.overBudget(this.#labelsOf(row), this.#budget.limit);
        return;
      }
      this.#gens[row] = this.#gen;
      this.#vals[row] = value;
      this.#live++;
    } else if (adding) this.#vals[row]! += value;
    else if (this.#overwriting) this.#vals[row] = value;
    else this.refused.duplicate(this.#labelsOf(row));
  }

  /** Sets the `cells` numbers of the row with these labels. */
  setNumbers(labels: LabelRecord, values: Float64Array): void {
    const row = this.#find(labels);
    if (row < 0) return;
    if (this.#gens[row] === this.#gen) {
      if (this.#overwriting) this.#vals.set(values, row * this.cells);
      else this.refused.duplicate(this.#labelsOf(row));
      return;
    }
    if (--this.#budget.left < 0) {
      this.refused.overBudget(this.#labelsOf(row), this.#budget.limit);
      return;
    }
    this.#gens[row] = this.#gen;
    this.#vals.set(values, row * this.cells);
    this.#live++;
  }

  #labelsOf(row: number): LabelRecord {
    return labelsOfRow(this.#names, this.#keys, row);
  }

  #find(labels: LabelRecord): number {
    const row = this.#next[this.#last]!;
    if (row >= this.#rows) return this.#findByName(labels, row, 0);
    let same: number;
    try {
      same = this.#compare(labels, row * this.#names.length);
    } catch (error) {
      this.#differing = NOTHING;
      this.refused.unreadable(error);
      return -1;
    }
    if (same < 0) return this.#findByName(labels, row, ~same);
    this.#last = row + 1;
    return row;
  }

  /** Compares labels with those of a row: their number if all are equal, otherwise ~ the number of equal ones at the start. */
  #compare(labels: LabelRecord, base: number): number {
    const names = this.#names;
    const keys = this.#keys;
    const count = names.length;
    let i = 0;
    for (const name in labels) {
      if (i === count || name !== names[i]) return ~i;
      const value = labels[name];
      if (value !== keys[base + i]) {
        this.#differing = value;
        return ~i;
      }
      i++;
    }
    return i === count ? i : ~i;
  }

  /**
   * Handles a misprediction: another key order, another spelling of the same value, or another row.
   *
   * A label can be a getter, so each is read only once: the first `same` equal the predicted row's, and the value that
   * differs is in `#differing`.
   */
  #findByName(labels: LabelRecord, predicted: number, same: number): number {
    const differing = this.#differing;
    this.#differing = NOTHING;
    if (labels === null || typeof labels !== 'object') {
      this.refused.noLabels(labels);
      return -1;
    }
    let names = this.#names;
    let extra: string | undefined;
    let given: unknown[];
    try {
      if (this.#rows === 0) names = orderOf(labels, this.#declared);
      extra = extraOf(labels, this.#declared);
      given = new Array(names.length);
      for (let i = 0; i < names.length; i++) {
        if (i < same) given[i] = this.#keys[predicted * names.length + i];
        else given[i] = i === same && differing !== NOTHING ? differing : labels[names[i]!];
      }
    } catch (error) {
      this.refused.unreadable(error);
      return -1;
    }
    if (this.#rows === 0) this.#names = names;
    // A getter wrote the first sample itself, in another order.
    else if (names !== this.#names) given = ordered(given, names, this.#names);
    names = this.#names;
    const count = names.length;
    if (extra !== undefined) {
      this.refused.extra(givenRecord(names, given), extra);
      return -1;
    }
    if (predicted < this.#rows) {
      const base = predicted * count;
      let i = 0;
      while (i < count && given[i] === this.#keys[base + i]) i++;
      if (i === count) {
        this.#last = predicted + 1;
        return predicted;
      }
    }
    const values = valuesOf(labels, names, given, this.refused);
    if (values === undefined) return -1;
    const hash = hashValues(values);
    let row = this.#index.find(hash, (candidate) => this.#matches(candidate, values));
    if (row < 0) {
      row = this.#add(given, values, hash);
      if (row < 0) return -1;
    }
    this.#next[this.#last] = row;
    this.#last = row + 1;
    return row;
  }

  #matches(row: number, values: readonly string[]): boolean {
    const base = row * values.length;
    for (let i = 0; i < values.length; i++) {
      const key = this.#keys[base + i];
      if (key !== values[i] && labelText(key) !== values[i]) return false;
    }
    return true;
  }

  #add(given: readonly unknown[], values: readonly string[], hash: number): number {
    const texts = labelRecord(this.#names, (i) => values[i]!);
    if (!areAllowed(texts, this.metric, this.refused)) return -1;
    if (this.#budget.left <= 0) {
      this.refused.overBudget(texts, this.#budget.limit);
      return -1;
    }
    const row = this.#rows;
    this.#reserve(row + 1);
    for (const head of this.#heads(texts)) this.#arena.append(head);
    for (let i = 0; i < given.length; i++) this.#keys.push(given[i]);
    this.#index.add(hash);
    this.#rows++;
    return row;
  }

  #reserve(rows: number): void {
    if (rows <= this.#gens.length) return;
    const size = Math.max(rows, this.#gens.length * 2);
    this.#gens = grown(this.#gens, new Uint32Array(size));
    this.#vals = grown(this.#vals, new Float64Array(size * this.cells));
    const next = grown(this.#next, new Uint32Array(size + 1));
    for (let i = this.#next.length; i < next.length; i++) next[i] = i;
    this.#next = next;
  }

  /** Removes rows that the last two runs did not write, so that memory follows live series. Snapshots are not affected. */
  #compact(): void {
    const old = { rows: this.#rows, gens: this.#gens, keys: this.#keys, index: this.#index, arena: this.#arena };
    const count = this.#names.length;
    this.#keys = [];
    this.#index = new RowIndex();
    this.#arena = new LineArena();
    this.#escapedLines = newEscapedLines(this.metric, this.#constLabels);
    this.#rows = 0;
    this.#gens = new Uint32Array(8);
    this.#vals = new Float64Array(8 * this.cells);
    this.#next = new Uint32Array(9).map((_, i) => i);
    for (let row = 0; row < old.rows; row++) {
      if (old.gens[row]! < this.#gen - 1) continue;
      this.#reserve(this.#rows + 1);
      this.#gens[this.#rows] = old.gens[row]!;
      this.#arena.appendFrom(old.arena, row * this.#lines, this.#lines);
      for (let i = 0; i < count; i++) this.#keys.push(old.keys[row * count + i]);
      this.#index.add(old.index.hashOf(row));
      this.#rows++;
    }
  }
}

function ordered(given: readonly unknown[], names: readonly string[], order: readonly string[]): unknown[] {
  return order.map((name) => given[names.indexOf(name)]);
}

function grown<A extends Uint32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
