import type { FrozenFamily } from '../../../collect/store/frozen.ts';
import type { Across } from '../across.ts';

/** What a message of ours has as `exporter-kit`. */
export const REPORT = 'live/1';

/** Of one family: what has changed since the report before. */
export interface FamilyReport {
  /** Its place among the declarations. */
  readonly family: number;
  /** New series: row and label values. */
  readonly began: readonly (readonly [row: number, ...values: string[]])[];
  /** Rows that are no longer exposed. */
  readonly ended: readonly number[];
  /** Row, cell and its value now, one after the other. What JSON has no number for is a string. */
  readonly values: readonly (number | string)[];
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
  // For each family the ids and values that were reported.
  #ids: Uint32Array[] = [];
  #vals: Float64Array[] = [];

  constructor(across: Across) {
    this.#across = across;
  }

  /** What has changed since the last call: at the first one, everything. Empty if nothing has. */
  reports(): Report[] {
    const first = this.#ids.length === 0;
    const all: FamilyReport[] = [];
    this.#across.freeze().forEach((frozen, family) => {
      all.push(...this.#changes(frozen, family));
      this.#ids[family] = frozen.ids;
      this.#vals[family] = frozen.vals;
    });
    const { name, shape } = this.#across;
    const batches = batched(all);
    if (first && batches.length === 0) batches.push([]);
    return batches.map((families, i) => ({ 'exporter-kit': REPORT, name, shape, first: first && i === 0, families }));
  }

  *#changes({ ids, vals, cells, labelsOf }: FrozenFamily, family: number): Iterable<FamilyReport> {
    const [toldIds = none, told] = [this.#ids[family], this.#vals[family]];
    let [began, ended, values]: [[number, ...string[]][], number[], (number | string)[]] = [[], [], []];
    for (let row = 0; row < Math.max(ids.length, toldIds.length); row++) {
      const id = ids[row] ?? 0;
      const isNew = id !== toldIds[row];
      if (id === 0) {
        if (toldIds[row] !== undefined && toldIds[row] !== 0) ended.push(row);
        continue;
      }
      if (isNew) began.push([row, ...labelsOf(row)]);
      for (let at = row * cells; at < (row + 1) * cells; at++) {
        const value = vals[at]!;
        // A new series' cells are 0 until told otherwise.
        if (Object.is(value, isNew ? 0 : told![at])) continue;
        values.push(row, at - row * cells, Number.isFinite(value) ? value : String(value));
      }
      if (began.length + ended.length + values.length < MOST_ITEMS) continue;
      yield { family, began, ended, values };
      [began, ended, values] = [[], [], []];
    }
    if (began.length + ended.length + values.length > 0) yield { family, began, ended, values };
  }
}

const none = new Uint32Array(0);

function batched(all: readonly FamilyReport[]): FamilyReport[][] {
  const batches: FamilyReport[][] = [];
  let items = MOST_ITEMS;
  for (const family of all) {
    const more = family.began.length + family.ended.length + family.values.length;
    if (items + more > MOST_ITEMS) {
      batches.push([]);
      items = 0;
    }
    batches.at(-1)!.push(family);
    items += more;
  }
  return batches;
}
