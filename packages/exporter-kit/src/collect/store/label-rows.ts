import type { Label } from '../../metric/labels.ts';
import type { LabelRecord } from '../families.ts';
import { keptText } from './kept-text.ts';
import { extraOf, givenRecord, labelRecord, labelsOfRow, labelText, orderOf, valuesOf } from './label-values.ts';
import type { Refusals } from './refusals.ts';
import { hashValues, RowIndex } from './row-index.ts';

const NOTHING = Symbol('nothing');
// As many as a small integer holds.
const MOST_BITS = 30;

/**
 * Finds the row for a sample's labels; unknown labels get the next row.
 *
 * A row is predicted to be the one that followed last time; only a misprediction is looked up. For a source with a stable
 * order, a sample costs a few pointer comparisons.
 */
export class LabelRows {
  /** Number of rows. */
  count = 0;
  /** Label names in the order of the first call, so that one for-in loop compares names and values. */
  names: readonly string[];
  /** Label values as they were given, `names.length` for each row. */
  keys: unknown[] = [];
  readonly #declared: readonly string[];
  readonly #refused: Refusals;
  readonly #admit: (labels: LabelRecord) => boolean;
  #index = new RowIndex();
  #next: Uint32Array = NO_SUCCESSORS;
  #last = 0;
  // The label value that was read and differs from the predicted row's.
  #differing: unknown = NOTHING;
  #differingAt = 0;

  /** @param admit prepares the next row for these labels, or refuses them. */
  constructor(labels: readonly Label[], refused: Refusals, admit: (labels: LabelRecord) => boolean) {
    this.#declared = namesOf(labels);
    this.names = this.#declared;
    this.#refused = refused;
    this.#admit = admit;
  }

  /** Predicts the first row next. */
  rewind(): void {
    this.#last = 0;
  }

  labelsOf(row: number): LabelRecord {
    return labelsOfRow(this.names, this.keys, row);
  }

  /** The row for these labels, or -1 if they were refused. */
  find(labels: LabelRecord): number {
    const row = this.#next[this.#last]!;
    if (row >= this.count) return this.#findByName(labels, row, 0);
    let same: number;
    try {
      same = this.#compare(labels, row * this.names.length);
    } catch (error) {
      this.#differing = NOTHING;
      this.#refused.unreadable(error);
      return -1;
    }
    if (same < 0) return this.#findByName(labels, row, ~same);
    this.#last = row + 1;
    return row;
  }

  /** Compares labels with a row's: returns their number if all are the same, otherwise ~ the number of equal ones at the start. */
  #compare(labels: LabelRecord, base: number): number {
    const names = this.names;
    const keys = this.keys;
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
   * Compares labels in another order with a row's, from the one at `same`: returns the places of the equal ones as bits,
   * with ~ if not all are.
   */
  #compareByName(labels: LabelRecord, base: number, same: number): number {
    const names = this.names;
    let equal = (1 << same) - 1;
    for (const name in labels) {
      const i = names.indexOf(name);
      if (i < 0) return ~equal;
      if ((equal & (1 << i)) !== 0) continue;
      const value = labels[name];
      if (value !== this.keys[base + i]) {
        this.#differing = value;
        this.#differingAt = i;
        return ~equal;
      }
      equal |= 1 << i;
    }
    return equal === (1 << names.length) - 1 ? equal : ~equal;
  }

  /**
   * The slow path: another key order, another spelling of a value, or another row.
   *
   * A label may be a getter, so each is read once: the first `same` equal those of the predicted row, and the value that
   * differs is in `#differing`.
   */
  #findByName(labels: LabelRecord, predicted: number, same: number): number {
    let differing = this.#differing;
    let differingAt = same;
    this.#differing = NOTHING;
    if (labels === null || typeof labels !== 'object') {
      this.#refused.noLabels(labels);
      return -1;
    }
    let names = this.names;
    const count = names.length;
    const base = predicted * count;
    let equal = 0;
    let extra: string | undefined;
    let given: unknown[];
    try {
      if (this.count === 0) names = orderOf(labels, this.#declared);
      else if (predicted < this.count && differing === NOTHING && count <= MOST_BITS) {
        const compared = this.#compareByName(labels, base, same);
        if (compared >= 0) {
          this.#last = predicted + 1;
          return predicted;
        }
        equal = ~compared;
        differing = this.#differing;
        differingAt = this.#differingAt;
        this.#differing = NOTHING;
      }
      extra = extraOf(labels, this.#declared);
      given = new Array(count);
      for (let i = 0; i < count; i++) {
        if (i < same || (equal & (1 << i)) !== 0) given[i] = this.keys[base + i];
        else given[i] = i === differingAt && differing !== NOTHING ? differing : labels[names[i]!];
      }
    } catch (error) {
      this.#differing = NOTHING;
      this.#refused.unreadable(error);
      return -1;
    }
    if (this.count === 0) this.names = names;
    // A getter has written the first sample itself, in another order.
    else if (names !== this.names) given = ordered(given, names, this.names);
    names = this.names;
    if (extra !== undefined) {
      this.#refused.extra(givenRecord(names, given), extra);
      return -1;
    }
    const values = valuesOf(labels, names, given, this.#refused);
    if (values === undefined) return -1;
    const hash = hashValues(values);
    let row = this.#index.find(hash, (candidate) => this.#matches(candidate, values));
    if (row < 0) {
      if (!this.#admit(labelRecord(names, (i) => values[i]!))) return -1;
      row = this.#add(given, 0, hash);
    }
    this.#next[this.#last] = row;
    this.#last = row + 1;
    return row;
  }

  #matches(row: number, values: readonly string[]): boolean {
    const base = row * values.length;
    for (let i = 0; i < values.length; i++) {
      const key = this.keys[base + i];
      if (key !== values[i] && labelText(key) !== values[i]) return false;
    }
    return true;
  }

  /** Adds a row whose keys begin at `from` in the list. */
  #add(list: readonly unknown[], from: number, hash: number): number {
    for (let i = 0; i < this.names.length; i++) this.keys.push(keptText(list[from + i]));
    this.#index.add(hash);
    this.count++;
    if (this.count >= this.#next.length) {
      const next = successors(this.count);
      next.set(this.#next);
      this.#next = next;
    }
    return this.count - 1;
  }

  /** Keeps only these rows, renumbered in this order. `keys` becomes another array. */
  keep(rows: readonly number[]): void {
    const { keys, names } = this;
    const index = this.#index;
    this.keys = [];
    this.#index = new RowIndex();
    this.count = 0;
    this.#next = rows.length === 0 ? NO_SUCCESSORS : successors(rows.length);
    this.#last = 0;
    for (const row of rows) this.#add(keys, row * names.length, index.hashOf(row));
  }
}

/** For each row, the one that followed last time; at first, the next. With room for more than `rows`. */
function successors(rows: number): Uint32Array {
  return new Uint32Array(rows * 2 + 1).map((_, i) => i);
}

// Of no rows; never written to.
const NO_SUCCESSORS = successors(0);

// The same for the columns of all targets.
const known = new WeakMap<readonly Label[], readonly string[]>();

function namesOf(labels: readonly Label[]): readonly string[] {
  const names = known.get(labels) ?? labels.map(({ name }) => name);
  known.set(labels, names);
  return names;
}

function ordered(given: readonly unknown[], names: readonly string[], order: readonly string[]): unknown[] {
  return order.map((name) => given[names.indexOf(name)]);
}
