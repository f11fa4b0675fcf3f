import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Drops } from './drops.ts';
import { type EscapedLines, newEscapedLines } from './escaped-lines.ts';
import type { Exemplar } from './exemplar.ts';
import type { FrozenFamily, NativeCounts } from './frozen.ts';
import { LineArena } from './line-arena.ts';
import { type LineHeads, lineHeads } from './line-heads.ts';
import { nativeOfCounts } from './native-buckets.ts';
import { cellsOf, headsOf, linesOf } from './row-shape.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

// Snapshots of feeds have fresh arrays, so one number for "written" will do.
const WRITTEN = 1;

/** One family of a feed as a column: line heads are encoded once for each series, and kept until its row holds another. */
export class FedColumn {
  readonly #metric: Metric;
  readonly #constLabels: LabelRecord;
  readonly #drops: Drops;
  readonly #cells: number;
  readonly #lines: number;
  readonly #labelNames: readonly string[];
  readonly #heads: LineHeads;
  #arena = new LineArena();
  #escapedLines: EscapedLines;
  #rows = 0;
  // For each row of the feed: the series whose heads were made, and the row here that has them.
  #ids = new Uint32Array(0);
  #places = new Uint32Array(0);

  /** @param metric as it is exposed. */
  constructor(metric: Metric, constLabels: LabelRecord, drops: Drops) {
    this.#metric = metric;
    this.#constLabels = constLabels;
    this.#drops = drops;
    this.#cells = cellsOf(metric);
    this.#lines = linesOf(metric);
    this.#labelNames = metric.labels.map(({ name }) => name);
    this.#heads = lineHeads(metric, constLabels);
    this.#escapedLines = newEscapedLines(metric, constLabels);
  }

  snapshot(frozen: FrozenFamily): SnapshotColumn {
    const live = this.#place(frozen);
    const cells = this.#cells;
    const gens = new Uint32Array(this.#rows);
    const vals = new Float64Array(this.#rows * cells);
    const { ids, vals: from } = frozen;
    const starts = frozen.starts && new Float64Array(this.#rows);
    const labelKeys = this.#labelKeys(frozen);
    const exemplars = frozen.exemplars && new Array<Exemplar | undefined>(this.#rows * cells).fill(undefined);
    for (let source = 0; source < ids.length; source++) {
      if (ids[source] === 0) continue;
      const row = this.#places[source]!;
      gens[row] = WRITTEN;
      for (let cell = 0; cell < cells; cell++) vals[row * cells + cell] = from[source * cells + cell]!;
      if (starts !== undefined) starts[row] = frozen.starts![source]!;
      if (exemplars !== undefined)
        for (let cell = 0; cell < cells; cell++)
          exemplars[row * cells + cell] = frozen.exemplars![source * cells + cell];
    }
    return {
      metric: this.#metric,
      first: 0,
      rows: this.#rows,
      gen: WRITTEN,
      gens,
      vals,
      cells,
      starts,
      exemplars,
      ...this.#nativesOf(frozen, vals),
      lines: this.#lines,
      heads: headsOf(this.#metric),
      bytes: this.#arena.bytes,
      view: this.#arena.view,
      ends: this.#arena.ends,
      frame: this.#heads.frame,
      live,
      escapedLines: this.#escapedLines,
      labelNames: this.#labelNames,
      get labelKeys() {
        return labelKeys();
      },
      drops: this.#drops,
    };
  }

  /**
   * Reads the label values from the feed, so that they are not kept here as well: few readers have a use for them. Those of rows
   * that are hidden are there too, as they may be needed when these come back; those of series that have ended are empty.
   */
  #labelKeys({ labelsOf }: FrozenFamily): () => readonly string[] {
    // Copies, as the next snapshot changes them.
    const [ids, places] = [this.#ids.slice(), this.#places.slice()];
    const count = this.#labelNames.length;
    const length = this.#rows * count;
    let keys: string[] | undefined;
    return () => {
      if (keys !== undefined) return keys;
      keys = new Array<string>(length).fill('');
      for (const [source, id] of ids.entries()) {
        if (id === 0) continue;
        const values = labelsOf(source);
        for (let i = 0; i < count; i++) keys[places[source]! * count + i] = values?.[i] ?? '';
      }
      return keys;
    };
  }

  #nativesOf({ ids, nativeOf }: FrozenFamily, vals: Float64Array): Pick<SnapshotColumn, 'nativeOf' | 'nativeCountsOf'> {
    if (nativeOf === undefined) return {};
    const cells = this.#cells;
    const sources = new Uint32Array(this.#rows);
    for (let source = 0; source < ids.length; source++) if (ids[source] !== 0) sources[this.#places[source]!] = source;
    const nativeCountsOf = (row: number): NativeCounts => nativeOf(sources[row]!);
    return { nativeCountsOf, nativeOf: (row) => nativeOfCounts(nativeCountsOf(row), vals[(row + 1) * cells - 1]!) };
  }

  /** Gives each exposed series a row; returns their number. */
  #place({ ids, labelsOf }: FrozenFamily): number {
    let live = 0;
    for (const id of ids) if (id !== 0) live++;
    if (this.#rows > 2 * live + 256) this.#startOver();
    if (ids.length > this.#ids.length) {
      const length = Math.max(ids.length, Math.min(2 * this.#ids.length, ids.length + 4096));
      this.#ids = extended(this.#ids, length);
      this.#places = extended(this.#places, length);
    }
    for (let source = 0; source < ids.length; source++) {
      if (ids[source] === 0 || ids[source] === this.#ids[source]) continue;
      this.#ids[source] = ids[source]!;
      this.#places[source] = this.#rows++;
      this.#add(labelsOf(source));
    }
    return live;
  }

  #add(values: readonly string[]): void {
    const labels: { [label: string]: string } = Object.create(null);
    for (let i = 0; i < values.length; i++) {
      labels[this.#labelNames[i]!] = values[i]!;
    }
    for (const head of this.#heads.of(labels)) this.#arena.append(head);
  }

  /** Forgets all heads, so that memory follows what is exposed. Snapshots are not affected. */
  #startOver(): void {
    this.#arena = new LineArena();
    this.#escapedLines = newEscapedLines(this.#metric, this.#constLabels);
    this.#rows = 0;
    this.#ids = new Uint32Array(0);
    this.#places = new Uint32Array(0);
  }
}

function extended(list: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(list);
  return longer;
}
