import type { Family } from '../collect/families.ts';
import { writeFamilies } from '../collect/replay.ts';
import { joinParts, snapshotOf } from '../collect/snapshot.ts';
import { countDrops } from '../collect/store/drops.ts';
import { Store } from '../collect/store/store.ts';
import type { FamilyWriter } from '../collect/writers.ts';
import { encodeToString } from '../encode/encode.ts';
import { text } from '../encode/text.ts';

/** The families with labels added to every sample. */
export function withSampleLabels(families: readonly Family[], labels: { readonly [label: string]: string }): Family[] {
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
  }));
}

/** Families as text 0.0.4. */
export function familiesToText(families: readonly Family[]): string {
  const store = new Store({ title: 'textfile', metrics: {} }, countDrops(true));
  writeFamilies((store.begin() as { family: FamilyWriter }).family, families);
  const { columns } = store.freeze();
  const part = {
    title: 'textfile',
    columns,
    conflict(_series: number, detail: string) {
      throw new Error(detail);
    },
  };
  return encodeToString(snapshotOf(joinParts([part])), text);
}
