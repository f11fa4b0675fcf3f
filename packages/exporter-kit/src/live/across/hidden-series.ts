import type { Exemplar } from '../../collect/store/exemplar.ts';
import type { FrozenFamily, NativeCounts } from '../../collect/store/frozen.ts';
import type { LiveFamily } from '../family.ts';
import { nativeDifference } from '../native/increase.ts';
import { ROUNDING } from '../values.ts';

/** How series are hidden. */
export interface Hiding {
  /** Whether they come back from 0; otherwise, with what they had. */
  readonly restarts: boolean;
}

/**
 * Hides merged series that are idle. Their rows are others' to write, so they stay where they are: once such a series is counted
 * again, what it had when it was hidden is subtracted, and it has begun with the reading before. Where others serve the same
 * numbers, nothing is subtracted: they do not know when it was hidden here.
 */
export class HiddenSeries {
  readonly #family: LiveFamily;
  readonly #perRow: number;
  readonly #counts: boolean;
  // By row: when a reading first had its numbers, on the clock of `performance.now()`; NaN if none had.
  #since = new Float64Array(0);
  #isHidden = new Uint8Array(0);
  // When it came back; 0 if it was never hidden.
  #starts = new Float64Array(0);
  // What it had when it was last hidden, or made less by what took it away.
  #bases = new Float64Array(0);
  readonly #nativeBases: Map<number, NativeCounts> = new Map();
  // Set once a series was hidden whose native buckets are not known.
  #lacksNatives = false;
  #last = new Float64Array(0);
  #readAt = Date.now();

  constructor(family: LiveFamily) {
    const { kind } = family.metric;
    this.#family = family;
    this.#perRow = family.cells.perRow;
    this.#counts = kind === 'counter' || kind === 'histogram';
  }

  isHidden(row: number): boolean {
    return this.#isHidden[row] === 1;
  }

  /** A row has been given to another series. */
  forget(row: number): void {
    if (row >= this.#since.length) return;
    this.#since[row] = Number.NaN;
    this.#isHidden[row] = 0;
    this.#starts[row] = 0;
    this.#bases.fill(0, row * this.#perRow, (row + 1) * this.#perRow);
    this.#nativeBases.delete(row);
  }

  /** The family as it is served, from one in which nothing is hidden. Of a gauge, series that are not `idle` are not hidden. */
  read(frozen: FrozenFamily, { restarts }: Hiding): FrozenFamily {
    const { ids, starts, exemplars, nativeOf, ...same } = frozen;
    this.#reach(ids.length);
    const now = performance.now();
    for (let row = 0; row < ids.length; row++) if (ids[row] !== 0) this.#readRow(frozen, row, now, restarts);
    this.#last = frozen.vals.slice();
    this.#readAt = Date.now();
    const seen = ids.map((id, row) => (this.#isHidden[row] === 0 ? id : 0));
    if (!this.#counts) return { ...frozen, ids: seen };
    return {
      ...same,
      ids: seen,
      vals: frozen.vals.map((value, at) => value - this.#bases[at]!),
      starts: starts?.map((start, row) => this.#starts[row]! || start),
      exemplars: exemplars?.map((exemplar, at) => this.#ofNow(exemplar, at)),
      ...(nativeOf && !this.#lacksNatives && { nativeOf: (row: number) => this.#nativeOf(nativeOf(row), row) }),
    };
  }

  #readRow(frozen: FrozenFamily, row: number, now: number, restarts: boolean): void {
    if (this.#counts && this.#fell(frozen, row)) this.#rebase(frozen, row);
    const isNew = Number.isNaN(this.#since[row]);
    // What others hand over is added up in another order: fractions may differ in their last digits.
    const changed = isNew || (this.#isRebased(row, restarts) ? this.#grew(frozen, row) : this.#differs(frozen, row));
    if (changed) this.#since[row] = now;
    if (this.#isHidden[row] === 1) {
      if (!changed && this.#isIdle(frozen, row)) return;
      this.#isHidden[row] = 0;
      if (restarts) this.#starts[row] = this.#readAt;
    }
    if (now - this.#since[row]! < this.#family.idleAfterMs || !this.#isIdle(frozen, row)) return;
    this.#isHidden[row] = 1;
    if (restarts) this.#rebase(frozen, row);
  }

  #isIdle({ idle }: FrozenFamily, row: number): boolean {
    return this.#counts || idle?.[row] === 1;
  }

  /** From here on, the series counts from 0. */
  #rebase({ vals, nativeOf }: FrozenFamily, row: number): void {
    const from = row * this.#perRow;
    this.#bases.set(vals.subarray(from, from + this.#perRow), from);
    this.#starts[row] = this.#readAt;
    if (this.#family.native === undefined) return;
    if (nativeOf === undefined) this.#lacksNatives = true;
    else this.#nativeBases.set(row, nativeOf(row));
  }

  /** Whether counts were taken away by the thread or process that had counted them. */
  #fell({ vals, metric }: FrozenFamily, row: number): boolean {
    const from = row * this.#perRow;
    // A histogram's sum may fall.
    const end = from + (metric.kind === 'counter' ? 1 : this.#perRow - 1);
    for (let at = from; at < end; at++) if (vals[at]! < this.#bases[at]!) return true;
    return false;
  }

  #differs({ vals }: FrozenFamily, row: number): boolean {
    const end = (row + 1) * this.#perRow;
    for (let at = row * this.#perRow; at < end; at++) if (!Object.is(vals[at], this.#last[at])) return true;
    return false;
  }

  /** Whether a row is hidden, and has in `#bases` what it had then. */
  #isRebased(row: number, restarts: boolean): boolean {
    return restarts && this.#counts && this.#isHidden[row] === 1;
  }

  /** Whether anything was counted since the row was hidden. */
  #grew({ vals }: FrozenFamily, row: number): boolean {
    for (let at = row * this.#perRow; at < (row + 1) * this.#perRow; at++) {
      const [value, base] = [vals[at]!, this.#bases[at]!];
      const areWhole = Number.isInteger(value) && Number.isInteger(base);
      if (value !== base && (areWhole || Math.abs(value - base) > ROUNDING * Math.abs(base))) return true;
    }
    return false;
  }

  /** Those from before the series came back are not among what it counts. */
  #ofNow(exemplar: Exemplar | undefined, at: number): Exemplar | undefined {
    const start = this.#starts[Math.floor(at / this.#perRow)]!;
    return exemplar !== undefined && exemplar.timestampMs >= start ? exemplar : undefined;
  }

  #nativeOf(counts: NativeCounts, row: number): NativeCounts {
    const base = this.#nativeBases.get(row);
    return base === undefined ? counts : nativeDifference(counts, base);
  }

  #reach(rows: number): void {
    const known = this.#since.length;
    if (rows <= known) return;
    this.#since = longer(this.#since, 2 * rows, Number.NaN);
    this.#starts = longer(this.#starts, 2 * rows, 0);
    this.#bases = longer(this.#bases, 2 * rows * this.#perRow, 0);
    const isHidden = new Uint8Array(2 * rows);
    isHidden.set(this.#isHidden);
    this.#isHidden = isHidden;
  }
}

function longer(list: Float64Array, length: number, filled: number): Float64Array<ArrayBuffer> {
  const all = new Float64Array(length).fill(filled);
  all.set(list);
  return all;
}
