export const gcKinds: readonly ['major', 'minor', 'incremental', 'weakcb'] = [
  'major',
  'minor',
  'incremental',
  'weakcb',
];
export type GcKind = (typeof gcKinds)[number];

export const gcBuckets: readonly number[] = [0.001, 0.01, 0.1, 1, 2, 5];
