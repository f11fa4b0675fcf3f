import type { LabelRecord } from '../../collect/families.ts';
import {
  areAllowed,
  extraOf,
  givenRecord,
  labelRecord,
  labelText,
  valuesOf,
} from '../../collect/store/label-values.ts';
import type { Refusals } from '../../collect/store/refusals.ts';
import { hashValues, RowIndex } from '../../collect/store/row-index.ts';
import type { Metric } from '../../metric/metric.ts';
import { type GivenLabels, Spellings, UNKNOWN } from './spellings.ts';

/** No row: the call was refused. */
export const REFUSED = -1;

/** Value of the open labels of series above `maxSeries`. */
export const OVERFLOW = '__overflow__';

// More zero series than this are no help.
const MOST_ZEROS = 1000;

/** What makes and frees a family's rows. */
export interface RowOwner {
  readonly metric: Metric;
  readonly refused: Refusals;
  readonly maxSeries: number;
  /** Whether series above `maxSeries` are counted together, rather than refused. */
  readonly folds: boolean;
  /** Ids of series are above this; default 0. */
  readonly idsFrom?: number;
  /** Whether there is room for a series in this row, which is the next; if left out, there always is. */
  admits?(row: number, values: readonly string[], isOverflow: boolean): boolean;
  /** There are `maxSeries` series: the owner may free some. */
  crowded?(): void;
  /** A row has been given to a new series. */
  began(row: number): void;
}

/** Which series each row of a family holds. A row keeps its number; a freed one is given to the next new series. */
export class Rows {
  /** Rows have numbers below this. */
  count = 0;
  /** For each row a number of its series, another for each; 0 if it is free. */
  ids: Uint32Array = new Uint32Array(8);
  /** Rows that hold no series any more, and are not free yet. */
  readonly closed: Set<number> = new Set();
  readonly #names: readonly string[];
  readonly #owner: RowOwner;
  readonly #spellings: Spellings;
  readonly #index = new RowIndex();
  readonly #free: number[] = [];
  #lastId: number;
  // Of rows that are not free, without those of the overflow.
  #series = 0;
  readonly #overflow: Set<number> = new Set();

  constructor(owner: RowOwner) {
    this.#owner = owner;
    this.#lastId = owner.idsFrom ?? 0;
    this.#names = owner.metric.labels.map(({ name }) => name);
    this.#spellings = new Spellings(this.#names, 4 * owner.maxSeries);
  }

  /** The row of these labels, made if it is new, or REFUSED. Never throws. */
  find(labels: GivenLabels): number {
    try {
      const row = this.#spellings.find(labels);
      return row === UNKNOWN ? this.#findByText(labels, true) : row;
    } catch (error) {
      this.#owner.refused.unreadable(error);
      return REFUSED;
    }
  }

  /** The row of these labels, or REFUSED if there is none. Never throws. */
  known(labels: GivenLabels): number {
    try {
      return this.#findByText(labels, false);
    } catch (error) {
      this.#owner.refused.unreadable(error);
      return REFUSED;
    }
  }

  #findByText(labels: GivenLabels, making: boolean): number {
    const { refused, metric } = this.#owner;
    const names = this.#names;
    if (labels === null || typeof labels !== 'object') {
      refused.noLabels(labels);
      return REFUSED;
    }
    // A label may be a getter, so each is read once.
    const given = names.map((name) => labels[name]);
    const values = valuesOf(labels, names, given, refused);
    if (values === undefined) return REFUSED;
    const extra = extraOf(labels as LabelRecord, names);
    // The rest of the call is right, so it counts.
    if (extra !== undefined) refused.extra(givenRecord(names, values), extra);
    else if (making) this.#spellings.learnOrder(labels);
    const known = this.#rowOf(values);
    if (known >= 0 || !making) {
      if (known >= 0 && making && extra === undefined) this.#spellings.remember(given, known);
      return known;
    }
    if (
      !areAllowed(
        labelRecord(names, (i) => values[i]!),
        metric,
        refused,
      )
    )
      return REFUSED;
    if (!this.#hasRoomFor(values)) return this.#fold(values);
    this.#series++;
    return this.#make(values, given);
  }

  /** The row of the overflow for a series above `maxSeries`. Labels with declared values keep theirs. */
  #fold(values: readonly string[]): number {
    const { metric, refused, maxSeries, folds } = this.#owner;
    const record = labelRecord(this.#names, (i) => values[i]!);
    const why = `is above the family's limit of ${maxSeries} series`;
    if (!folds) {
      refused.sample(record, 'over_budget', `${why}, so it is not kept; raise maxSeries or use fewer label values.`);
      return REFUSED;
    }
    const labels = metric.labels.map((label, i) => (label.values === undefined ? OVERFLOW : values[i]!));
    refused.sample(
      record,
      'folded',
      `${why}, so it is counted as "${OVERFLOW}"; raise maxSeries or use fewer label values.`,
    );
    const known = this.#rowOf(labels);
    if (known >= 0) return known;
    if (!this.#admits(labels, true)) {
      refused.sample(
        labelRecord(this.#names, (i) => labels[i]!),
        'over_budget',
        'has no room in the shared memory; raise maxBytes of share().',
      );
      return REFUSED;
    }
    const row = this.#make(labels);
    this.#overflow.add(row);
    return row;
  }

  /** The row of labels that another thread or process has found right; made if it is new. REFUSED if there is no place. */
  take(values: readonly string[]): number {
    const known = this.#rowOf(values);
    if (known >= 0) return known;
    return this.#hasRoomFor(values) ? this.add(values) : this.#fold(values);
  }

  /** Makes the row of labels that are known to be right, such as all declared ones at the start. */
  add(values: readonly string[]): number {
    this.#series++;
    return this.#make(values);
  }

  #hasRoomFor(values: readonly string[]): boolean {
    if (this.#series >= this.#owner.maxSeries) this.#owner.crowded?.();
    return this.#series < this.#owner.maxSeries && this.#admits(values, false);
  }

  #admits(values: readonly string[], isOverflow: boolean): boolean {
    return this.#owner.admits?.(this.#free.at(-1) ?? this.count, values, isOverflow) ?? true;
  }

  /** @param given the values as a caller spells them. */
  #make(values: readonly string[], given: readonly unknown[] = values): number {
    const row = this.#free.pop() ?? this.count++;
    if (row >= this.ids.length) {
      const ids = new Uint32Array(this.ids.length * 2);
      ids.set(this.ids);
      this.ids = ids;
    }
    this.ids[row] = ++this.#lastId;
    this.#spellings.add(row, given);
    this.#index.add(hashValues(values), row);
    this.#owner.began(row);
    return row;
  }

  /** Whether there is little room left. */
  get isCrowded(): boolean {
    return this.#series * 4 >= this.#owner.maxSeries * 3;
  }

  /** Forgets the series of rows, so that they begin elsewhere if they come back. */
  close(rows: readonly number[]): void {
    if (rows.length === 0) return;
    for (const row of rows) {
      this.#index.remove(row);
      this.ids[row] = 0;
      this.closed.add(row);
      if (!this.#overflow.delete(row)) this.#series--;
    }
    this.#spellings.free(rows);
  }

  /** Frees rows: their numbers go to the next new series. */
  free(rows: readonly number[]): void {
    this.close(rows.filter((row) => !this.closed.has(row)));
    for (const row of rows) {
      this.closed.delete(row);
      this.#free.push(row);
    }
  }

  textsOf(row: number): readonly string[] {
    return this.#spellings.valuesOf(row).map(textOf);
  }

  /** Reads the label values of a row as they are now, whatever series the row is given to later. */
  frozenTexts(): (row: number) => readonly string[] {
    const valuesAt = this.#spellings.freeze();
    return (row) => valuesAt(row).map(textOf);
  }

  labelsOf(row: number): LabelRecord {
    const texts = this.textsOf(row);
    return labelRecord(this.#names, (i) => texts[i]!);
  }

  #rowOf(values: readonly string[]): number {
    return this.#index.find(hashValues(values), (row) => {
      const texts = this.#spellings.valuesOf(row);
      for (let i = 0; i < values.length; i++)
        if (texts[i] !== values[i] && textOf(texts[i]) !== values[i]) return false;
      return true;
    });
  }
}

// What a row was given has a text.
const textOf = (value: unknown): string => labelText(value)!;

/** Series that are exposed from the start: all, if their number is known and not too large. Gauges have none: 0 is a claim. */
export function zeroSeries({ kind, labels }: Metric, maxSeries: number): readonly (readonly string[])[] {
  let all: readonly (readonly string[])[] = [[]];
  if (labels.length > 0 && kind !== 'counter' && kind !== 'histogram') return [];
  for (const { values = [] } of labels) {
    all = all.flatMap((before) => values.map((value) => [...before, value]));
    if (all.length > Math.min(maxSeries, MOST_ZEROS)) return [];
  }
  return all;
}
