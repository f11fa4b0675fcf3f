/** Figures of a contender. */
export const figures = {
  cpuMs: { title: 'CPU ms', digits: 2 },
  lostPercent: { title: 'fewer requests/s %', digits: 2 },
  marginPercent: { title: '± %', digits: 2 },
  morePercent: { title: 'more CPU %', digits: 2 },
  nsPerCall: { title: 'CPU ns/call', digits: 1 },
  nsPerSeries: { title: 'ns/series', digits: 0 },
  wallMs: { title: 'wall ms', digits: 2 },
  stallMs: { title: 'longest stall CPU ms', digits: 1 },
  bytesPerSeries: { title: 'bytes/series', digits: 1 },
  sentPerSeries: { title: 'bytes/series compressed', digits: 1 },
  collections: { title: 'collections', digits: 0 },
  perSecond: { title: 'requests/s', digits: 0 },
  growthMb: { title: 'peak growth MB', digits: 1 },
  growthPerSeries: { title: 'peak growth bytes/series', digits: 0 },
  heldPerSeries: { title: 'bytes held/series', digits: 0 },
  waitMs: { title: 'longest wait ms', digits: 1 },
  startMs: { title: 'start ms', digits: 1 },
  instructions: { title: 'instructions/series', digits: 0 },
  settledMb: { title: 'RSS MB early', digits: 1 },
  lateMb: { title: 'RSS MB late', digits: 1 },
  rssMb: { title: 'RSS MB', digits: 1 },
  stoppedMs: { title: 'ms with a stopped server', digits: 0 },
  msPerTarget: { title: 'CPU ms/target', digits: 2 },
  memoryRatio: { title: 'late / early', digits: 2 },
} as const satisfies { readonly [figure: string]: { readonly title: string; readonly digits: number } };

export type Figure = keyof typeof figures;

/** Results of one visit to a contender. */
export type Visit = { readonly [F in Figure]?: number };

/** Results of each contender, by name. */
export type Measured = ReadonlyMap<string, { readonly [F in Figure]?: readonly number[] }>;

/** Figures where higher is better. */
export const moreIsBetter: ReadonlySet<Figure> = new Set(['perSecond']);

/** Figures that a table also shows as multiples of the kit's. */
export const compared: ReadonlySet<Figure> = new Set([
  'cpuMs',
  'nsPerCall',
  'wallMs',
  'stallMs',
  'perSecond',
  'growthMb',
  'heldPerSeries',
  'startMs',
  'rssMb',
  'stoppedMs',
  'msPerTarget',
  'instructions',
]);
