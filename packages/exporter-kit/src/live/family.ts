import type { Drops } from '../collect/store/drops.ts';
import type { FreezeOptions, FrozenFamily } from '../collect/store/frozen.ts';
import { Refusals } from '../collect/store/refusals.ts';
import { cellsOf } from '../collect/store/row-shape.ts';
import type { Metric } from '../metric/metric.ts';
import { NATIVE } from '../metric/native.ts';
import { Cells } from './cells.ts';
import { type BoundChild, Children } from './children.ts';
import { Exemplars } from './exemplars/exemplars.ts';
import type { SpanSource } from './exemplars/span.ts';
import { Exposure, extended } from './exposure.ts';
import { Idle, idleOf, markIdle } from './idle.ts';
import { NativeCells } from './native/cells.ts';
import { Resets } from './native/resets.ts';
import type { Outlet } from './outlet.ts';
import { Rows, zeroSeries } from './rows/rows.ts';
import type { GivenLabels } from './rows/spellings.ts';
import { finiteSum } from './values.ts';

/** What can differ between families of one `live`. */
export interface FamilyOptions {
  readonly maxSeries: number;
  /** Default: never. */
  readonly idleAfterMs?: number | undefined;
  readonly span?: SpanSource | false | undefined;
}

/** One metric's rows, what they count, and whether each is exposed. */
export class LiveFamily {
  readonly metric: Metric;
  readonly maxSeries: number;
  /** Infinity for a family whose series are never hidden. */
  readonly idleAfterMs: number;
  readonly refused: Refusals;
  readonly rows: Rows;
  readonly cells: Cells;
  readonly exemplars: Exemplars;
  /** Absent if the metric is no histogram, or not a native one. */
  readonly native: NativeCells | undefined;
  readonly #exposure = new Exposure();
  /** Set by every write to a gauge, info or stateset, whose numbers may stay the same. */
  touched: Uint8Array = new Uint8Array(8);
  // So that a row that is hidden, and counted between two freezes, has begun with the first of them.
  #frozenAt = Date.now();
  readonly #counts: boolean;
  readonly #idle: Idle | undefined;
  readonly #resets: Resets | undefined;
  readonly #children: Children = new Children();
  // Counts that the last freeze has found idle, where another thread or process reads them.
  #idleCounts: readonly number[] = [];
  #outlet: Outlet | undefined;
  // Set once counts were added whose native buckets are not known.
  #lacksNatives = false;

  constructor(metric: Metric, { maxSeries, idleAfterMs = Infinity, span }: FamilyOptions, drops: Drops) {
    this.metric = metric;
    this.maxSeries = maxSeries;
    this.refused = new Refusals(metric, drops);
    this.cells = new Cells(cellsOf(metric));
    const { kind, native = NATIVE } = metric;
    if (kind === 'histogram' && native !== false) {
      const { cells } = this;
      const own = new NativeCells(native, (row, value) => this.#resets?.beginWith(row, value) ?? false);
      const clear = (row: number): void => this.#clear(row);
      this.native = own;
      if (native.resetAfterMs < Infinity)
        this.#resets = new Resets({ metric, cells, native: own, exposure: this.#exposure, clear });
    }
    this.#counts = kind === 'counter' || kind === 'histogram';
    this.exemplars = new Exemplars({
      perRow: this.#counts ? this.cells.perRow : 0,
      span,
      refuse: (row, why) => this.#refuseExemplar(row, why),
    });
    this.rows = new Rows({
      metric,
      refused: this.refused,
      maxSeries,
      folds: this.#counts,
      admits: (row, values, isOverflow) => this.#outlet?.admits(row, values, isOverflow) ?? true,
      crowded: () => this.#makeRoom(),
      began: (row) => this.#begin(row),
    });
    const zeros = zeroSeries(metric, maxSeries);
    // What is there from the start, at 0, stays: there is nothing to be gained.
    const stays = idleAfterMs === Infinity || (this.#counts && zeros.length > 0);
    this.idleAfterMs = stays ? Infinity : idleAfterMs;
    this.#idle = stays ? undefined : new Idle(idleAfterMs, this.cells.perRow);
    for (const values of zeros) {
      const row = this.rows.add(values);
      if (!this.#counts) this.#exposure.hide(row);
    }
  }

  /** The child for these labels: the same one for as long as someone holds it. `undefined` if they are refused. */
  bind<Bound extends BoundChild>(
    labels: GivenLabels,
    Child: new (family: LiveFamily, row: number) => Bound,
  ): Bound | undefined {
    const row = this.rows.find(labels);
    if (row < 0) return undefined;
    this.#show(row);
    return this.childOf(row, Child);
  }

  /** The child of a row, which then stays this series' own while someone holds the child. */
  childOf<Bound extends BoundChild>(row: number, Child: new (family: LiveFamily, row: number) => Bound): Bound {
    return this.#children.of(row, () => new Child(this, row));
  }

  /** Adds what an ended thread or process has counted in a row of the same family. */
  add({ vals, starts, labelsOf, nativeOf, exemplars }: FrozenFamily, from: number): void {
    const row = this.rows.take(labelsOf(from));
    if (row < 0) return;
    if (nativeOf !== undefined) this.native?.add(row, nativeOf(from));
    else this.#lacksNatives = true;
    const start = Math.min(starts?.[from] ?? Infinity, this.#exposure.starts[row]!);
    this.#show(row);
    this.#exposure.show(row, start);
    const { chunks, perRow } = this.cells;
    const chunk = chunks[row >> 6]!;
    const at = (row & 63) * perRow;
    for (let cell = 0; cell < perRow; cell++) {
      chunk[at + cell] = finiteSum(chunk[at + cell]!, vals[from * perRow + cell]!);
      const exemplar = exemplars?.[from * perRow + cell];
      if (exemplar !== undefined) this.exemplars.inherit(row, cell, exemplar);
    }
  }

  /** Moves the rows to memory that another thread reads. What is counted here stays here, in the same rows. */
  move(outlet: Outlet): void {
    const { rows, cells } = this;
    const isThere = Uint8Array.from(rows.ids.subarray(0, rows.count), (id) => (id === 0 ? 0 : 1));
    for (let row = 0; row < rows.count; row++) {
      if (isThere[row] === 1 && !outlet.admits(row, rows.textsOf(row), true)) {
        throw new RangeError(`join: no room for ${this.metric.name} in the shared memory; raise maxBytes of share().`);
      }
    }
    cells.move((i) => outlet.chunk(i));
    if (outlet.natives !== undefined) this.native?.move(outlet.natives);
    this.exemplars.move((row, cell, exemplar) => outlet.keepExemplar(row, cell, exemplar));
    outlet.touched?.set(this.touched.subarray(0, rows.count));
    this.touched = outlet.touched ?? this.touched;
    this.#outlet = outlet;
    this.#children.point();
    for (let row = 0; row < rows.count; row++) {
      if (isThere[row] === 0) continue;
      if (this.#exposure.isShown(row)) outlet.show(row, rows.ids[row]!, this.#exposure.starts[row]!);
      else outlet.hide(row, rows.ids[row]!);
    }
  }

  /** Takes a series away, at once. */
  remove(labels: { readonly [label: string]: unknown }): void {
    const row = this.rows.known(labels);
    if (row >= 0) this.end([row]);
  }

  /** Counts a refused value of a row, with what is wanted instead. */
  refuseValue(row: number, value: unknown, wanted: string): void {
    this.refuseGiven(this.rows.labelsOf(row), value, wanted);
  }

  /** Counts a refused value that came with these labels. */
  refuseGiven(labels: GivenLabels, value: unknown, wanted: string): void {
    this.refused.value(labels, value, wanted);
  }

  #refuseExemplar(row: number | undefined, why: string): void {
    const labels = row === undefined ? {} : this.rows.labelsOf(row);
    this.refused.sample(labels, 'invalid_exemplar', `${why}; counted without an exemplar.`);
  }

  /** @param idles whether to hide rows that are idle, or else only to mark them: others may count the same series. */
  freeze({ natives = false }: FreezeOptions = {}, idles = true): FrozenFamily {
    const { rows, metric, cells, native } = this;
    const { count } = rows;
    if (!this.#exposure.areAllShown) this.#showWritten(count);
    const vals = cells.copy(count);
    const touched = this.#counts ? undefined : this.touched;
    if (this.#idle !== undefined) {
      const idle = this.#idle.find({ count, vals, exposure: this.#exposure, touched });
      if (idles) this.end(idle);
      else if (this.#counts) this.#idleCounts = idle;
      else {
        markIdle(this.touched, idle);
        // Readers hide series that are idle everywhere; with little room left, they end here.
        if (rows.isCrowded) this.end(idle);
      }
    }
    this.#frozenAt = Date.now();
    const { ids, starts } = this.#exposure.series(rows, this.#counts);
    // Without spreading, which takes longer than all else for a family of few rows.
    const frozen = {
      metric,
      ids,
      vals,
      cells: cells.perRow,
      starts,
      exemplars: this.exemplars.freeze(count),
      idle: idles || touched === undefined ? undefined : idleOf(touched),
      labelsOf: rows.frozenTexts(),
      nativeOf: natives && !this.#lacksNatives ? native?.freeze() : undefined,
    };
    if (natives) this.#resets?.afterReading(count);
    return frozen;
  }

  /**
   * Counts that the last freeze has found idle, and whose rows nobody holds: what reads them may keep them instead. To be taken over
   * before anything else is counted.
   */
  idleCounts(): readonly number[] {
    return this.#idleCounts.filter((row) => !this.#children.isHeld(row));
  }

  /** Gives idle counts to the thread that reads them. Their rows are free when it has taken them. */
  handOver(): void {
    const outlet = this.#outlet!;
    this.end([...this.rows.closed].filter((row) => outlet.isTaken(row)));
    const idle = this.idleCounts();
    for (const row of idle) this.#exposure.handOver(row);
    this.rows.close(idle);
    for (const row of idle) outlet.handOver(row);
  }

  /** A row that was hidden comes back. */
  #show(row: number): void {
    if (!this.#exposure.isHidden(row)) return;
    this.#exposure.show(row, this.#frozenAt);
    this.#outlet?.show(row, this.rows.ids[row]!, this.#frozenAt);
  }

  /** Shows rows that were hidden, and have been written since; frees those that no one can write any more. */
  #showWritten(count: number): void {
    this.#freeForsaken();
    for (let row = 0; row < count; row++) if (this.#exposure.isHidden(row) && this.#isWritten(row)) this.#show(row);
  }

  /** Whether a row that is not exposed has been written since. */
  #isWritten(row: number): boolean {
    if (this.touched[row] !== 0) return true;
    const { chunks, perRow } = this.cells;
    const from = (row & 63) * perRow;
    for (let at = from; at < from + perRow; at++) if (chunks[row >> 6]![at] !== 0) return true;
    return false;
  }

  /** Frees removed rows whose child nobody holds any more: until now it could have brought them back. */
  #freeForsaken(): void {
    const forsaken = this.#children.forsaken((row) => this.#exposure.isHidden(row) && !this.#isWritten(row));
    if (forsaken.length > 0) this.end(forsaken);
  }

  /** In a thread that no one scrapes, rows are freed when there is no other room, though not at every call. */
  #makeRoom(): void {
    if (this.#outlet === undefined || Date.now() < this.#frozenAt + 1000) return;
    this.#frozenAt = Date.now();
    this.#freeForsaken();
  }

  #begin(row: number): void {
    if (row >= this.touched.length) this.touched = extended(this.touched, new Uint8Array(2 * row));
    this.cells.reach(row + 1);
    this.cells.clear(row);
    this.exemplars.reach(row + 1);
    this.exemplars.clear(row);
    this.touched[row] = 0;
    const start = Date.now();
    this.#exposure.show(row, start);
    this.#idle?.forget(row);
    this.#outlet?.show(row, this.rows.ids[row]!, start);
  }

  /** Hides rows that are bound, and frees the others. */
  end(rows: readonly number[]): void {
    const freed: number[] = [];
    for (const row of rows) {
      this.#exposure.hide(row);
      this.#clear(row);
      if (this.#children.isHeld(row)) this.#outlet?.hide(row, this.rows.ids[row]!);
      else freed.push(row);
    }
    for (const row of freed) {
      this.#children.forget(row);
      this.#outlet?.free(row);
    }
    this.rows.free(freed);
  }

  #clear(row: number): void {
    this.touched[row] = 0;
    this.cells.clear(row);
    this.exemplars.clear(row);
    this.native?.clear(row);
    this.#idle?.forget(row);
  }
}
