import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Drops } from './drops.ts';
import { type EscapedLines, newEscapedLines } from './escaped-lines.ts';
import type { Exemplar } from './exemplar.ts';
import type { FrozenFamily } from './frozen.ts';
import { LineArena } from './line-arena.ts';
import { type LineHeads, lineHeads } from './line-heads.ts';
import { nativeOfCounts } from './native/buckets.ts';
import { cellsOf, headsOf, linesOf } from './row-shape.ts';
import type { SnapshotColumn } from './snapshot-column.ts';

// Snapshots of feeds have fresh arrays, so one number for "written" will do.
const WRITTEN = 1;
// So few heads are made in far less than a millisecond.
const AT_ONCE = 50;

type Numbers = Pick<SnapshotColumn, 'vals' | 'starts' | 'exemplars'>;

/** Which rows a snapshot has. */
interface Placement {
  /** The feed's rows. */
  readonly ids: Uint32Array;
  readonly live: number;
  readonly gens: Uint32Array;
  readonly sources: Uint32Array | undefined;
}

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
  // Of the last snapshot; it holds as long as the feed has the same series.
  #placement: Placement | undefined;

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
    const { live, gens, sources } = this.#placementOf(frozen);
    const { vals, starts, exemplars } = sources === undefined ? frozen : this.#moved(frozen, sources);
    const counts = this.#nativeCountsOf(frozen, sources);
    return {
      metric: this.#metric,
      first: 0,
      rows: this.#rows,
      gen: WRITTEN,
      gens,
      vals,
      cells: this.#cells,
      exemplars,
      starts,
      nativeOf: counts && ((row) => nativeOfCounts(counts(row), vals[(row + 1) * this.#cells - 1]!)),
      nativeCountsOf: counts,
      lines: this.#lines,
      heads: headsOf(this.#metric),
      bytes: this.#arena.bytes,
      view: this.#arena.view,
      ends: this.#arena.ends,
      frame: this.#heads.frame,
      live,
      escapedLines: this.#escapedLines,
      labelNames: this.#labelNames,
      labelKeys: this.#labelKeys(frozen, sources),
      drops: this.#drops,
    };
  }

  /** The numbers of the feed's rows, in the rows here. */
  #moved({ vals: from, starts: began, exemplars: kept }: FrozenFamily, sources: Uint32Array): Numbers {
    const [rows, cells] = [this.#rows, this.#cells];
    const vals = new Float64Array(rows * cells);
    const starts = began && new Float64Array(rows);
    const exemplars = kept && new Array<Exemplar | undefined>(rows * cells).fill(undefined);
    for (let row = 0; row < rows; row++) {
      const source = sources[row]! - 1;
      if (source < 0) continue;
      if (starts !== undefined) starts[row] = began![source]!;
      for (let cell = 0; cell < cells; cell++) {
        vals[row * cells + cell] = from[source * cells + cell]!;
        if (exemplars !== undefined) exemplars[row * cells + cell] = kept![source * cells + cell];
      }
    }
    return { vals, starts, exemplars };
  }

  /**
   * Reads the label values from the feed, so that they are not kept here as well: few readers have a use for them. Those of rows
   * that are hidden are there too, as they may be needed when these come back; those of series that have ended are empty.
   */
  #labelKeys({ labelsOf }: FrozenFamily, sources: Uint32Array | undefined): () => readonly string[] {
    const [rows, count] = [this.#rows, this.#labelNames.length];
    let keys: string[] | undefined;
    return () => {
      if (keys !== undefined) return keys;
      keys = [];
      for (let row = 0; row < rows; row++) {
        const source = sources === undefined ? row : sources[row]! - 1;
        const values = source < 0 ? undefined : labelsOf(source);
        for (let i = 0; i < count; i++) keys.push(values?.[i] ?? '');
      }
      return keys;
    };
  }

  #nativeCountsOf({ nativeOf }: FrozenFamily, sources: Uint32Array | undefined): SnapshotColumn['nativeCountsOf'] {
    if (nativeOf === undefined || sources === undefined) return nativeOf;
    return (row) => nativeOf(sources[row]! - 1);
  }

  /** How many series have no row so far. */
  fresh({ ids }: FrozenFamily): number {
    if (this.#placement?.ids === ids) return 0;
    let fresh = 0;
    for (let source = 0; source < ids.length; source++)
      if (ids[source] !== 0 && ids[source] !== this.#ids[source]) fresh++;
    return this.#isSparse(ids) ? Infinity : fresh;
  }

  /** Gives each exposed series a row; stops after some, to be continued when other work was done. */
  *place({ ids, labelsOf }: FrozenFamily): Generator<void, void, void> {
    this.#placement = undefined;
    if (this.#isSparse(ids)) this.#startOver();
    if (ids.length > this.#ids.length) {
      const length = Math.max(ids.length, Math.min(2 * this.#ids.length, ids.length + 4096));
      this.#ids = extended(this.#ids, length);
      this.#places = extended(this.#places, length);
    }
    let placed = 0;
    for (let source = 0; source < ids.length; source++) {
      if (ids[source] === 0 || ids[source] === this.#ids[source]) continue;
      this.#ids[source] = ids[source]!;
      this.#places[source] = this.#rows++;
      this.#add(labelsOf(source));
      if (++placed % AT_ONCE === 0) yield;
    }
  }

  /** Whether most rows are of series that have ended. */
  #isSparse(ids: Uint32Array): boolean {
    return this.#rows > 2 * liveIn(ids) + 256;
  }

  #placementOf(frozen: FrozenFamily): Placement {
    const { ids } = frozen;
    if (this.#placement?.ids === ids) return this.#placement;
    for (const _ of this.place(frozen));
    const live = liveIn(ids);
    this.#placement = { ids, live, gens: this.#gensOf(ids, live), sources: this.#sourcesOf(ids.length) };
    return this.#placement;
  }

  #gensOf(ids: Uint32Array, live: number): Uint32Array {
    if (live === this.#rows) return allWritten(live);
    const gens = new Uint32Array(this.#rows);
    for (let source = 0; source < ids.length; source++) if (ids[source] !== 0) gens[this.#places[source]!] = WRITTEN;
    return gens;
  }

  /** For each row, the number of the feed's row plus 1, 0 for a series that has ended; `undefined` if the numbers are equal. */
  #sourcesOf(count: number): Uint32Array | undefined {
    const sources = new Uint32Array(this.#rows);
    for (let source = 0; source < count; source++)
      if (this.#ids[source] !== 0) sources[this.#places[source]!] = source + 1;
    return sources.every((source, row) => source === row + 1) ? undefined : sources;
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

function liveIn(ids: Uint32Array): number {
  let live = 0;
  for (const id of ids) if (id !== 0) live++;
  return live;
}

// For all columns of which each row is written; never changed.
let written = new Uint32Array(0);

function allWritten(rows: number): Uint32Array {
  if (written.length < rows) written = new Uint32Array(2 * rows).fill(WRITTEN);
  return written;
}

function extended(list: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(length);
  longer.set(list);
  return longer;
}
