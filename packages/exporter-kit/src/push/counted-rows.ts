import type { NativeHistogram } from '../collect/native-histogram.ts';
import { nativeOfCounts } from '../collect/store/native/buckets.ts';
import { cellsOf } from '../collect/store/row-shape.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { Exemplars } from '../live/exemplars/exemplars.ts';
import type { StartedIn } from '../live/exemplars/span.ts';
import { NativeCells } from '../live/native/cells.ts';
import type { Metric } from '../metric/metric.ts';
import { NATIVE } from '../metric/native.ts';

/** What a job's counts have besides the numbers in its store: exemplars and, of a histogram, native buckets. For one run. */
export class CountedRows {
  readonly #perRow: number;
  readonly #exemplars: Exemplars;
  readonly #natives: NativeCells | undefined;
  // Rows whose numbers were read, not observed, so that their native buckets are not known here.
  readonly #written: Set<number> = new Set();

  /** @param refuse counts an exemplar that is refused. */
  constructor(metric: Metric, refuse: (why: string) => void) {
    const { kind, native = NATIVE } = metric;
    this.#perRow = cellsOf(metric);
    this.#natives = kind === 'histogram' && native !== false ? new NativeCells(native) : undefined;
    this.#exemplars = new Exemplars({
      perRow: this.#perRow,
      span: undefined,
      refuse: (_, why) => refuse(`${why}; counted without an exemplar.`),
    });
  }

  /** The active span, for an observation that is made later. */
  start(): StartedIn | undefined {
    return this.#exemplars.start();
  }

  /** A number of a row was counted: the only one, or that of a bucket. */
  counted(row: number, cell: number, value: number, exemplar: unknown): void {
    this.#natives?.count(row, value);
    this.#exemplars.reach(row + 1);
    const looks = this.#exemplars.looks[row >> 6]![(row & 63) * this.#perRow + cell];
    if (exemplar !== undefined || looks !== 0) this.#exemplars.counted(row, cell, value, exemplar);
  }

  /** All numbers of a row were replaced, or counts were added whose values are not known. */
  written(row: number): void {
    this.#exemplars.reach(row + 1);
    this.#exemplars.clear(row);
    this.#natives?.clear(row);
    if (this.#natives !== undefined) this.#written.add(row);
  }

  /** The metric's column with what was counted. */
  in(column: SnapshotColumn): SnapshotColumn {
    return { ...column, exemplars: this.#exemplars.freeze(column.rows), nativeOf: this.#nativesIn(column) };
  }

  #nativesIn({ vals, cells, nativeOf }: SnapshotColumn): SnapshotColumn['nativeOf'] {
    const counts = this.#natives?.freeze();
    if (counts === undefined) return nativeOf;
    const written = new Set(this.#written);
    return (row): NativeHistogram | undefined =>
      written.has(row) ? nativeOf?.(row) : nativeOfCounts(counts(row), vals[(row + 1) * cells - 1]!);
  }
}
