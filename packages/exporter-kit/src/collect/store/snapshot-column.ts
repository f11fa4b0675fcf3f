import type { Metric } from '../../metric/metric.ts';
import type { NativeHistogram } from '../native-histogram.ts';
import type { Drops } from './drops.ts';
import type { EscapedLines } from './escaped-lines.ts';
import type { Exemplar } from './exemplar.ts';
import type { NativeCounts } from './frozen.ts';
import { labelsOfRow } from './label-values.ts';
import { type BucketFrame, lineHeads } from './line-heads.ts';

/** A column after a run, valid until released: the run wrote the rows whose `gens` is `gen`. */
export interface SnapshotColumn {
  readonly metric: Metric;
  /** The first of its rows: those before it are of other metrics, with which it shares its arrays. */
  readonly first: number;
  /** Where its rows end. */
  readonly rows: number;
  readonly gen: number;
  readonly gens: Uint32Array;
  /** `cells` numbers for each row. */
  readonly vals: Float64Array;
  readonly cells: number;
  /** As many as `vals`: of a counter's row, or of a histogram's bucket. Absent if there is none. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
  /** For each row of a counter or histogram, when it began to count, in milliseconds since the epoch; 0 or absent if not known. */
  readonly starts?: Float64Array | undefined;
  /** The native histogram of a row, if it has one; absent for a column without any, and if they were not asked for. */
  readonly nativeOf?: ((row: number) => NativeHistogram | undefined) | undefined;
  /** The same of a feed's row, as it was counted: cheaper to encode. */
  readonly nativeCountsOf?: ((row: number) => NativeCounts) | undefined;
  /** Lines of each row. */
  readonly lines: number;
  /** Line heads, `heads` for each row; see {@link LineArena}. */
  readonly heads: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly ends: Uint32Array;
  /** A histogram's. */
  readonly frame: BucketFrame | undefined;
  /** Of a deprecated metric under its new name: `bytes` are still those of the old one; see {@link withEscapedNames}. */
  readonly isRenamed?: true;
  /** Of a gauge histogram in text: which of its lines are written. */
  readonly ending?: string;
  /** Number of rows that the run wrote. */
  readonly live: number;
  /** The lines with names escaped; see {@link withEscapedNames}. */
  readonly escapedLines: EscapedLines;
  /** Names of a row's labels, without the collector's own. */
  readonly labelNames: readonly string[];
  /** Label values as they were given, `labelNames.length` for each row; {@link labelText} converts them. A feed's are made when they are first read. */
  labelKeys(): readonly unknown[];
  /** Counts of the collector, for samples that a format drops. */
  readonly drops: Drops;
}

/** The column without rows whose labels are in one of the others. */
export function withoutSeriesOf(others: readonly SnapshotColumn[], column: SnapshotColumn): SnapshotColumn {
  const taken = new Set<string>();
  for (const other of others) {
    const headOf = headsOf(other);
    for (const row of liveRows(other)) taken.add(headOf(row));
  }
  const headOf = headsOf(column);
  return withoutRows(
    column,
    liveRows(column).filter((row) => taken.has(headOf(row))),
  );
}

/** The column without rows that the run wrote. */
export function withoutRows(column: SnapshotColumn, rows: Uint32Array): SnapshotColumn {
  if (rows.length === 0) return column;
  const gens = column.gens.slice();
  for (const row of rows) gens[row] = column.gen - 1;
  return { ...column, gens, live: column.live - rows.length };
}

/** The rows that the run wrote. */
export function liveRows({ first, rows, gens, gen, live }: SnapshotColumn): Uint32Array {
  const found = new Uint32Array(live);
  for (let row = first, i = 0; row < rows; row++) if (gens[row] === gen) found[i++] = row;
  return found;
}

/** The first line head of each row. */
function headsOf({ heads, bytes, ends, ...column }: SnapshotColumn): (row: number) => string {
  if (column.isRenamed) {
    const { of } = lineHeads(column.metric, column.escapedLines.constLabels);
    const keys = column.labelKeys();
    return (row) => of(labelsOfRow(column.labelNames, keys, row))[0]!;
  }
  const decoder = new TextDecoder();
  return (row) => {
    const line = row * heads;
    return decoder.decode(bytes.subarray(line === 0 ? 0 : ends[line - 1], ends[line]));
  };
}
