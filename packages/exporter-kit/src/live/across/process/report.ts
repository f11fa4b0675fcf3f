import type { FrozenFamily } from '../../../collect/store/frozen.ts';
import type { Across, View } from '../across.ts';
import { type ExemplarReport, reportExemplar } from './exemplar-report.ts';
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
  /** Rows of gauges that have become idle, and, as `-1 - row`, those that no longer are. Earlier versions report none. */
  readonly idle?: readonly number[];
  /** New exemplars. Earlier versions report none. */
  readonly exemplars?: readonly ExemplarReport[];
  /** Rows of idle counts, which are the reader's from now on. */
  readonly handedOver?: readonly number[];
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
// A new series takes the reader as long as so many numbers: its labels are looked up, in code that has not run before.
const NEW_ITEMS = 30;
// An exemplar is up to 128 characters of labels.
const EXEMPLAR_ITEMS = 20;

/** Reports what has changed in the families of a live value. */
export class Reporter {
  readonly #across: Across;
  readonly #view: View;
  readonly #handsOver: boolean;
  #told: readonly FrozenFamily[] = [];

  /** @param handsOver whether idle counts are left to the reader, so that their rows are free. */
  constructor(across: Across, view: View = across.all, handsOver = false) {
    this.#across = across;
    this.#view = view;
    this.#handsOver = handsOver;
  }

  /** What has changed since the last call: at the first one, everything. Empty if nothing has. */
  reports(): Report[] {
    const first = this.#told.length === 0;
    const frozen = this.#view.freeze({ natives: true });
    // Exemplars last: if the process ends before all is out, the numbers are.
    const all = [
      ...frozen.flatMap((family, i) => [...this.#changes(family, i)]),
      ...frozen.flatMap((family, i) => [...this.#newExemplars(family, i)]),
      ...this.#handOver(),
    ];
    this.#told = frozen;
    const { name, shape } = this.#across;
    const batches = batched(all);
    if (first && batches.length === 0) batches.push([]);
    return batches.map((families, i) => ({ 'exporter-kit': REPORT, name, shape, first: first && i === 0, families }));
  }

  *#changes(frozen: FrozenFamily, family: number): Iterable<Changes> {
    const { ids, vals, cells, starts, labelsOf, nativeOf, idle } = frozen;
    const told = this.#told[family];
    const toldIds = told?.ids ?? none;
    let report = new Changes(family, nativeOf !== undefined);
    for (let row = 0; row < Math.max(ids.length, toldIds.length); row++) {
      const id = ids[row] ?? 0;
      if (id === 0) {
        if (toldIds[row] !== undefined && toldIds[row] !== 0) report.end(row);
        continue;
      }
      const isNew = begins(frozen, told, row);
      if (isNew) report.begin(row, starts?.[row] ?? 0, labelsOf(row));
      const isIdle = idle?.[row] === 1;
      if (isIdle !== (!isNew && told?.idle?.[row] === 1)) report.setIdle(row, isIdle);
      let isChanged = false;
      for (let at = row * cells; at < (row + 1) * cells; at++) {
        const value = vals[at]!;
        // A new series' cells are 0 until told otherwise.
        if (Object.is(value, isNew ? 0 : told!.vals[at])) continue;
        report.set(row, at - row * cells, value);
        isChanged = true;
      }
      if (isChanged && nativeOf !== undefined)
        report.addNative(reportNative(row, nativeOf(row), isNew ? undefined : told!.nativeOf?.(row)));
      if (report.size < MOST_ITEMS) continue;
      yield report;
      report = new Changes(family, nativeOf !== undefined);
    }
    if (report.size > 0) yield report;
  }

  /** Ends rows whose numbers were told. Not if others have a part in what is told, which has other rows. */
  *#handOver(): Iterable<Changes> {
    if (!this.#handsOver || this.#across.hasOthers) return;
    for (const [i, family] of this.#across.families.entries()) {
      const rows = family.idleCounts();
      for (let from = 0; from < rows.length; from += MOST_ITEMS) {
        const report = new Changes(i, true);
        report.handOver(rows.slice(from, from + MOST_ITEMS));
        yield report;
      }
      family.end(rows);
    }
  }

  *#newExemplars(frozen: FrozenFamily, family: number): Iterable<Changes> {
    const { ids, cells, exemplars = [] } = frozen;
    const told = this.#told[family];
    let report = new Changes(family, true);
    for (const [at, exemplar] of exemplars.entries()) {
      const row = Math.floor(at / cells);
      if (exemplar === undefined || ids[row] === 0) continue;
      if (exemplar === told?.exemplars?.[at] && !begins(frozen, told, row)) continue;
      report.addExemplar(reportExemplar(at, cells, exemplar));
      if (report.size < MOST_ITEMS) continue;
      yield report;
      report = new Changes(family, true);
    }
    if (report.size > 0) yield report;
  }
}

/** Whether a row holds another series than in the previous report, or one that has restarted. */
function begins({ ids, starts }: FrozenFamily, told: FrozenFamily | undefined, row: number): boolean {
  return ids[row] !== told?.ids[row] || starts?.[row] !== told?.starts?.[row];
}

/** Collects what goes into one report. */
class Changes implements FamilyReport {
  readonly family: number;
  readonly began: [row: number, start: number, ...values: string[]][] = [];
  readonly ended: number[] = [];
  readonly values: (number | string)[] = [];
  readonly natives: NativeReport[] | null;
  readonly idle: number[] = [];
  readonly exemplars: ExemplarReport[] = [];
  handedOver: readonly number[] = [];
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
    this.#size += NEW_ITEMS;
  }

  end(row: number): void {
    this.ended.push(row);
    this.#size++;
  }

  set(row: number, cell: number, value: number): void {
    this.values.push(row, cell, Number.isFinite(value) ? value : String(value));
    this.#size += 3;
  }

  setIdle(row: number, isIdle: boolean): void {
    this.idle.push(isIdle ? row : -1 - row);
    this.#size++;
  }

  addNative(report: NativeReport): void {
    const [, , , , positive, negative] = report;
    this.natives!.push(report);
    this.#size += report.length + positive.length + negative.length;
  }

  handOver(rows: readonly number[]): void {
    this.handedOver = rows;
    this.#size += rows.length;
  }

  addExemplar(report: ExemplarReport): void {
    this.exemplars.push(report);
    this.#size += EXEMPLAR_ITEMS;
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
