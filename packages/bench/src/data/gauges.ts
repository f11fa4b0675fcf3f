import { type Family, type Labels, makeFamilies } from './families.ts';
import { next, seed } from './values.ts';

export interface Series {
  readonly labels: Labels;
  value: number;
}

export function makeGauges(count: number, families?: number): Family<Series>[] {
  return makeFamilies((f) => `bench_family${f}_bytes`, count, { value: 0.5 }, families);
}

/** Sets every series to its value of scrape `n`. */
export function revalue(families: readonly Family<Series>[], n: number, draw: (state: number) => number): void {
  let state = seed(n);
  for (const { series } of families) {
    for (const one of series) {
      state = next(state);
      one.value = draw(state);
    }
  }
}

/** Shuffles each family's rows. */
export function shuffle(families: readonly Family<Series>[], n: number): void {
  let state = seed(n);
  for (const { series } of families) {
    for (let i = series.length - 1; i > 0; i--) {
      state = next(state);
      const j = (state >>> 4) % (i + 1);
      [series[i], series[j]] = [series[j]!, series[i]!];
    }
  }
}

/** Replaces a share of each family's rows by as many with new labels, at other positions. */
export function replace(families: readonly Family<Series>[], n: number, share: number): void {
  let state = seed(n);
  const limit = share * 2 ** 32;
  for (const family of families) {
    const kept: Series[] = [];
    let gone = 0;
    for (const one of family.series) {
      state = next(state);
      // New rows are inserted some positions after the removed ones.
      if (state < limit) gone++;
      else kept.push(one);
      if (gone > 0 && state % 64 === 0) {
        kept.push(newcomer(n, kept.length));
        gone--;
      }
    }
    for (; gone > 0; gone--) kept.push(newcomer(n, kept.length));
    family.series = kept;
  }
}

function newcomer(n: number, i: number): Series {
  const labels = { region: `region-${i % 7}`, host: `new-${n}-${i}.example.internal`, disk: `disk${i % 8}` };
  return JSON.parse(JSON.stringify({ labels, value: 0.5 }));
}
