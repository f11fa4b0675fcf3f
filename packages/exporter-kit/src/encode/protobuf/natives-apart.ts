import { NO_ESCAPINGS, type SnapshotFamily } from '../../collect/scrape/snapshot.ts';
import { liveRows, type SnapshotColumn, withoutRows } from '../../collect/store/snapshot-column.ts';
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
    const { native, classic } = rowsOf(column);
    if (native.length > 0) natives.push(withoutRows(column, classic));
    if (classic.length > 0) others.push(withoutRows(column, native));
  }
  if (natives.length === 0 || others.length === 0) return [family];
  return [natives, others].map((own) => ({ metric, columns: own, untyped: NO_ESCAPINGS }));
}

function rowsOf(column: SnapshotColumn): { readonly native: Uint32Array; readonly classic: Uint32Array } {
  const { nativeOf, nativeCountsOf } = column;
  const rows = liveRows(column);
  const none = new Uint32Array(0);
  if (nativeOf === undefined) return { native: none, classic: rows };
  // A feed counts them for all of its rows.
  if (nativeCountsOf !== undefined) return { native: rows, classic: none };
  const isNative = (row: number): boolean => nativeOf(row) !== undefined;
  return { native: rows.filter(isNative), classic: rows.filter((row) => !isNative(row)) };
}
