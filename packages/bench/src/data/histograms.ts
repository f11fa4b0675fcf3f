import { type Family, type Labels, makeFamilies } from './families.ts';
import { next, seed } from './values.ts';

export interface Histogram {
  readonly labels: Labels;
  /** One for each bucket, and one above them. */
  readonly counts: number[];
  sum: number;
  /** The last observation. */
  last: number;
}

export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Lines of one histogram: its buckets, `+Inf`, the sum and the count. */
export const HISTOGRAM_LINES: number = BUCKETS.length + 3;

/** Histograms of about `lines` lines in total. */
export function makeHistograms(lines: number): Family<Histogram>[] {
  const counts = [...BUCKETS, Number.POSITIVE_INFINITY].map(() => 0);
  return makeFamilies((f) => `bench_family${f}_seconds`, Math.floor(lines / HISTOGRAM_LINES), {
    counts,
    sum: 0,
    last: 0.5,
  });
}

/** Adds one observation to each, between 0 and 6 seconds, most of them short. */
export function observe(families: readonly Family<Histogram>[], n: number): void {
  let state = seed(n);
  for (const { series } of families) {
    for (const one of series) {
      state = next(state);
      const x = (state >>> 8) / 16_777_216;
      one.last = x * x * x * 6;
      const bucket = BUCKETS.findIndex((le) => one.last <= le);
      one.counts[bucket < 0 ? BUCKETS.length : bucket]!++;
      one.sum += one.last;
    }
  }
}
