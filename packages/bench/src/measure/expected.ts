import { BUCKETS, makeHistograms, observe } from '../data/histograms.ts';
import { makeNatives, NATIVE_VALUES, observedAt } from '../data/natives.ts';
import { type Kind, makeSource } from '../data/source.ts';
import { seriesKey } from './exposition.ts';

/** What a contender serves. */
export type Served = Kind | 'histograms' | 'natives';

/** The expected lines after scrapes 0 to `n`, by {@link seriesKey}. */
export function expected(served: Served, count: number, n: number): Map<string, number> {
  if (served === 'natives') return expectedNatives(count, n);
  return served === 'histograms' ? expectedHistograms(count, n) : expectedGauges(served, count, n);
}

function expectedGauges(kind: Kind, count: number, n: number): Map<string, number> {
  const source = makeSource(kind, count);
  // Which rows exist depends on every scrape; their values only on the last.
  const from = ['shuffled', 'replaced', 'churning'].includes(kind) ? 0 : n;
  for (let scrape = from; scrape <= n; scrape++) source.turn(scrape);
  const lines = new Map<string, number>();
  for (const { name, series } of source.read()) {
    for (const { labels, value } of series) lines.set(seriesKey(name, labels), value);
  }
  return lines;
}

function expectedHistograms(count: number, n: number): Map<string, number> {
  const families = makeHistograms(count);
  for (let scrape = 0; scrape <= n; scrape++) observe(families, scrape);
  const lines = new Map<string, number>();
  for (const { name, series } of families) {
    for (const { labels, counts, sum } of series) {
      let total = 0;
      for (const [i, le] of [...BUCKETS, Number.POSITIVE_INFINITY].entries()) {
        total += counts[i]!;
        lines.set(seriesKey(`${name}_bucket`, { ...labels, le: le === Infinity ? '+Inf' : String(le) }), total);
      }
      lines.set(seriesKey(`${name}_sum`, labels), sum);
      lines.set(seriesKey(`${name}_count`, labels), total);
    }
  }
  return lines;
}

/** In text: it has no native buckets. */
function expectedNatives(buckets: number, n: number): Map<string, number> {
  const observed = [...NATIVE_VALUES, ...Array.from({ length: n + 1 }, (_, scrape) => observedAt(scrape))];
  const sum = observed.reduce((all, value) => all + value, 0);
  const lines = new Map<string, number>();
  for (const { name, series } of makeNatives(buckets)) {
    for (const { labels } of series) {
      lines.set(seriesKey(`${name}_bucket`, { ...labels, le: '+Inf' }), observed.length);
      lines.set(seriesKey(`${name}_sum`, labels), sum);
      lines.set(seriesKey(`${name}_count`, labels), observed.length);
    }
  }
  return lines;
}
