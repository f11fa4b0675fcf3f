import { NO_ESCAPINGS, type SnapshotFamily } from '../../collect/scrape/snapshot.ts';
import { liveRows, type SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { isBucketed } from '../../metric/metric.ts';

/**
 * A family with series that have native buckets and others that have none, as a family of each. Prometheus up to 3.14 reads all
 * series of a family as it reads the first one, and fails the whole scrape; several families of one name it accepts, and its own
 * federation sends such.
 */
export function nativesApart(family: SnapshotFamily): readonly SnapshotFamily[] {
  const { metric, columns } = family;
  if (!isBucketed(metric.kind)) return [family];
  const [natives, others]: [SnapshotColumn[], SnapshotColumn[]] = [[], []];
  for (const column of columns) {
    const { live } = column;
    const rows = nativeRows(column);
    if (rows.length > 0) natives.push(rows.length === live ? column : withRows(column, rows));
    if (rows.length < live) others.push(withoutNatives(column, rows));
  }
  if (natives.length === 0 || others.length === 0) return [family];
  return [natives, others].map((own) => ({ metric, columns: own, untyped: NO_ESCAPINGS }));
}

function nativeRows(column: SnapshotColumn): Uint32Array {
  const { nativeOf, nativeCountsOf } = column;
  if (nativeOf === undefined) return new Uint32Array(0);
  const rows = liveRows(column);
  // A feed counts them for all of its rows or for none.
  return nativeCountsOf === undefined ? rows.filter((row) => nativeOf(row) !== undefined) : rows;
}

function withRows(column: SnapshotColumn, rows: Uint32Array): SnapshotColumn {
  const gens = new Uint32Array(column.gens.length).fill(column.gen - 1);
  for (const row of rows) gens[row] = column.gen;
  return { ...column, gens, live: rows.length };
}

function withoutNatives(column: SnapshotColumn, rows: Uint32Array): SnapshotColumn {
  if (rows.length === 0) return column;
  const gens = column.gens.slice();
  for (const row of rows) gens[row] = column.gen - 1;
  return { ...column, gens, live: column.live - rows.length };
}
