import type { SnapshotColumn } from '../store/snapshot-column.ts';

/** Columns of one family that can't have a series in common, because their collectors' own labels differ. */
export interface ApartColumns {
  /** Whether the column is known to be apart from all that were added before. */
  add(column: Pick<SnapshotColumn, 'escapedLines'>): boolean;
}

/** For the columns of targets and of {@link withLabels}: many, with the same labels and other values. */
export function apartColumns(): ApartColumns {
  const seen = new Set<string>();
  let names: string | undefined;
  return {
    add({ escapedLines: { constLabels } }) {
      const keys = JSON.stringify(Object.keys(constLabels));
      const values = JSON.stringify(Object.values(constLabels));
      names ??= keys;
      const isApart = keys === names && !seen.has(values);
      // One that may overlap makes the next ones overlap as well.
      if (!isApart) names = '';
      seen.add(values);
      return isApart;
    },
  };
}
