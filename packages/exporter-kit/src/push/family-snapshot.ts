import type { Family } from '../collect/families.ts';
import { joinParts, type Snapshot, snapshotOf } from '../collect/scrape/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { writeFamilies } from '../collect/write-families.ts';
import type { FamilyWriter } from '../collect/writers.ts';

/**
 * Families that were read, as a snapshot that can be delivered.
 *
 * @param title names their origin in errors.
 * @throws Error when two of them contradict each other, or a sample is not legal.
 */
export function familySnapshot(families: readonly Family[], title: string): Snapshot {
  const store = new Store({ title, metrics: {} }, countDrops(true));
  writeFamilies((store.begin() as { family: FamilyWriter }).family, families);
  const { columns } = store.freeze();
  const part = {
    title,
    columns,
    conflict(_series: number, detail: string) {
      throw new Error(detail);
    },
  };
  return snapshotOf(joinParts([part]));
}
