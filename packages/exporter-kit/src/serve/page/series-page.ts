import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { slices } from '../../time/wait.ts';
import { labelsOf, numberOf, type Series } from './series.ts';

/** Which series are asked for. */
export interface SeriesQuery {
  /** Text that a label's value has; '' for all. */
  readonly filter: string;
  /** From 1. */
  readonly page: number;
  /** Highest first, instead of in the order of the exposition. */
  readonly byValue: boolean;
}

/** One page of a family's series. */
export interface SeriesPage {
  readonly series: readonly Series[];
  /** Of all pages. */
  readonly count: number;
  /** Without the filter. */
  readonly all: number;
  /** Whether pages end after the highest ones. */
  readonly isCut: boolean;
  /** How many series the pages have together. */
  readonly reachable: number;
}

export const PER_PAGE = 50;
/** By value, only so many can be seen: to sort them all would block the process. */
const MOST_SORTED = 1000;
// Between looks at the clock.
const AT_ONCE = 256;

/** Finds a page of series, a few milliseconds at a time: a family may have 100,000. */
export async function findSeries(
  columns: ReadonlySet<SnapshotColumn>,
  { filter, page, byValue }: SeriesQuery,
  signal: AbortSignal,
): Promise<SeriesPage> {
  const wanted = filter.toLowerCase();
  const turn = slices();
  let all = 0;
  for (const { live } of columns) all += live;
  const first = (page - 1) * PER_PAGE;
  const best: (Series & { readonly value: number })[] = [];
  const series: Series[] = [];
  let count = 0;
  for (const column of columns) {
    const { first: from, rows, gens, gen } = column;
    for (let row = from; row < rows; row++) {
      if ((row & (AT_ONCE - 1)) === 0) {
        await turn();
        signal.throwIfAborted();
      }
      if (gens[row] !== gen) continue;
      const one = { column, row };
      if (wanted !== '' && !labelsOf(one).some(([, value]) => value.toLowerCase().includes(wanted))) continue;
      if (byValue) insert(best, { ...one, value: numberOf(column, row) });
      else if (count >= first && series.length < PER_PAGE) series.push(one);
      count++;
    }
  }
  return {
    series: byValue ? best.slice(first, first + PER_PAGE) : series,
    count,
    all,
    isCut: byValue && count > MOST_SORTED,
    reachable: byValue ? best.length : count,
  };
}

/** Keeps the highest values, in descending order; NaN comes last. */
function insert(best: (Series & { readonly value: number })[], one: Series & { readonly value: number }): void {
  const rank = (value: number): number => (Number.isNaN(value) ? -Infinity : value);
  const value = rank(one.value);
  if (best.length >= MOST_SORTED && value <= rank(best.at(-1)!.value)) return;
  let [low, high] = [0, best.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rank(best[middle]!.value) >= value) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, one);
  if (best.length > MOST_SORTED) best.pop();
}
