import type { Family, Sample } from '../collect/families.ts';
import { type Snapshot, snapshotOfParts } from '../collect/scrape/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import { writeFamilies } from '../collect/write-families.ts';
import type { FamilyWriter } from '../collect/writers.ts';

/**
 * Parsed families as a snapshot that can be delivered.
 *
 * @param title names their origin in errors.
 * @param at as in `writeFamilies`; also called with a family's first sample before an error about the family.
 * @throws Error if two of them contradict each other, or a sample is invalid.
 */
export function familySnapshot(
  families: readonly Family[],
  title: string,
  at: (sample: Sample) => void = () => {},
): Snapshot {
  const store = new Store({ title, metrics: {} }, countDrops(true));
  writeFamilies((store.begin() as { family: FamilyWriter }).family, families, at);
  const { columns } = store.snapshot();
  const parts = columns.map((column) => ({
    title,
    columns: [column],
    conflict(_series: number, detail: string): never {
      const { name } = column.metric;
      at(families.find((family) => family.name === name || family.samples[0]?.name === name)!.samples[0]!);
      throw new Error(detail);
    },
  }));
  return snapshotOfParts(parts);
}
