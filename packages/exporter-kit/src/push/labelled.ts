import type { Family } from '../collect/families.ts';

/** The families with labels added to every sample. */
export function withSampleLabels(families: readonly Family[], labels: { readonly [label: string]: string }): Family[] {
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } })),
  }));
}
