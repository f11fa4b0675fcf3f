import type { FrozenFamily } from '../../../collect/store/frozen.ts';
import type { Across, View } from '../across.ts';
import { type NativeReport, reportNative } from './native-report.ts';

/** What a message of ours has as `exporter-kit`. */
export const REPORT = 'live/1';

/** Of one family: what has changed since the report before. */
export interface FamilyReport {
  /** Its place among the declarations. */
  readonly family: number;
  /** New series: row, when it began to count, in milliseconds since the epoch, or 0 for a gauge; and label values. */
  readonly began: readonly (readonly [row: number, start: number, ...values: string[]])[];
  /** Rows that are no longer exposed. */
  readonly ended: readonly number[];
  /** Row, cell and its value now, one after the other. What JSON has no number for is a string. */
  readonly values: readonly (number | string)[];
  /** Native histograms of rows with a changed value; `null` if they are not known. */
  readonly natives: readonly NativeReport[] | null;
}

/** What a process tells: values as they are now, not increases, so that fractions stay exact. */
export interface Report {
  readonly 'exporter-kit': typeof REPORT;
  readonly name: string;
  readonly shape: string;
  /** Whether this report, with those after it, tells everything, and not only what has changed. */
  readonly first: boolean;
  readonly families: readonly FamilyReport[];
}

// Larger reports are split, so that none keeps the reader busy for long.
const MOST_ITEMS = 3000;

/** Reports what has changed in the families of a live value. */
export class Reporter {
  readonly #across: Across;
  readonly #view: View;
  // For each family the ids and values that were reported.
  #ids: Uint32Array[] = [];
  #vals: Float64Array[] = [];
  #natives: FrozenFamily['nativeOf'][] = [];

  constructor(across: Across, view: View = across.all) {
    this.#across = across;
    this.#view = view;
  }

  /** What has changed since the last call: at the first one, everything. Empty if nothing has. */
  reports(): Report[] {
    const first = this.#ids.length === 0;
    const all: Changes[] = [];
    this.#view.freeze({ natives: true }).forEach((frozen, family) => {
      all.push(...this.#changes(frozen, family));
      this.#ids[family] = frozen.ids;
      this.#vals[family] = frozen.vals;
      this.#natives[family] = frozen.nativeOf;
    });
    const { name, shape } = this.#across;
    const batches = batched(all);
    if (first && batches.length === 0) batches.push([]);
    return batches.map((families, i) => ({ 'exporter-kit': REPORT, name, shape, first: first && i === 0, families }));
  }

  *#changes({ ids, vals, cells, starts, labelsOf, nativeOf }: FrozenFamily, family: number): Iterable<Changes> {
    const [toldIds = none, told, toldNative] = [this.#ids[family], this.#vals[family], this.#natives[family]];
    let report = new Changes(family, nativeOf !== undefined);
    for (let row = 0; row < Math.max(ids.length, toldIds.length); row++) {
      const id = ids[row] ?? 0;
      const isNew = id !== toldIds[row];
      if (id === 0) {
        if (toldIds[row] !== undefined && toldIds[row] !== 0) report.end(row);
        continue;
      }
      if (isNew) report.begin(row, starts?.[row] ?? 0, labelsOf(row));
      let isChanged = false;
      for (let at = row * cells; at < (row + 1) * cells; at++) {
        const value = vals[at]!;
        // A new series' cells are 0 until told otherwise.
        if (Object.is(value, isNew ? 0 : told![at])) continue;
        report.set(row, at - row * cells, value);
        isChanged = true;
      }
      if (isChanged && nativeOf !== undefined)
        report.addNative(reportNative(row, nativeOf(row), isNew ? undefined : toldNative?.(row)));
      if (report.size < MOST_ITEMS) continue;
      yield report;
      report = new Changes(family, nativeOf !== undefined);
    }
    if (report.size > 0) yield report;
  }
}

/** Collects what goes into one report. */
class Changes implements FamilyReport {
  readonly family: number;
  readonly began: [row: number, start: number, ...values: string[]][] = [];
  readonly ended: number[] = [];
  readonly values: (number | string)[] = [];
  readonly natives: NativeReport[] | null;
  #size = 0;

  constructor(family: number, hasNatives: boolean) {
    this.family = family;
    this.natives = hasNatives ? [] : null;
  }

  /** How much it is to send. */
  get size(): number {
    return this.#size;
  }

  begin(row: number, start: number, values: readonly string[]): void {
    this.began.push([row, start, ...values]);
    this.#size++;
  }

  end(row: number): void {
    this.ended.push(row);
    this.#size++;
  }

  set(row: number, cell: number, value: number): void {
    this.values.push(row, cell, Number.isFinite(value) ? value : String(value));
    this.#size += 3;
  }

  addNative(report: NativeReport): void {
    const [, , , , positive, negative] = report;
    this.natives!.push(report);
    this.#size += report.length + positive.length + negative.length;
  }
}

const none = new Uint32Array(0);

function batched(all: readonly Changes[]): FamilyReport[][] {
  const batches: FamilyReport[][] = [];
  let items = MOST_ITEMS;
  for (const family of all) {
    if (items + family.size > MOST_ITEMS) {
      batches.push([]);
      items = 0;
    }
    batches.at(-1)!.push(family);
    items += family.size;
  }
  return batches;
}
