import type { Metric } from '../../metric/metric.ts';
import type { NativeHistogram } from '../native-histogram.ts';
import { nativeIn } from './native/value.ts';

/** Converts a value into cells; returns native buckets that come beside them, or says what is wrong with the value. */
export type CellReader = (cells: Float64Array, value: unknown, metric: Metric) => NativeHistogram | string | undefined;

// OpenMetrics 1.0: counts are whole numbers.
export const countable = (n: unknown): n is number => typeof n === 'number' && n >= 0 && Number.isInteger(n);
const isNumber = (n: unknown): n is number => typeof n === 'number';

export const readHistogram: CellReader = (cells, value, metric) => {
  const native = nativeIn(value, metric.kind === 'gaugehistogram');
  if (typeof native === 'string') return native;
  const classic = native === undefined ? (value ?? {}) : withCounts(value, native, metric);
  const { counts, sum } = classic as { counts?: unknown; sum?: unknown };
  const wanted = cells.length - 1;
  if (!Array.isArray(counts) || counts.length !== wanted) {
    return `counts must have ${wanted} numbers, one for each bucket and one for the values above.`;
  }
  for (let i = 0; i < wanted; i++) {
    const count: unknown = counts[i];
    if (!countable(count)) return 'counts must be non-negative integers.';
    cells[i] = count;
  }
  if (!isNumber(sum)) return 'sum must be a number.';
  cells[wanted] = sum;
  return native;
};

/** A histogram's value with the count of its native buckets, if these are all that it has. */
function withCounts(value: unknown, native: NativeHistogram, { buckets }: Metric): unknown {
  const { counts, sum } = value as { readonly counts?: unknown; readonly sum: number };
  // Text has whole numbers.
  return counts === undefined && buckets.length === 0 ? { counts: [Math.round(native.count)], sum } : value;
}

const numbersWanted = (wanted: number): string =>
  `quantiles must have ${wanted} numbers, one for each declared quantile.`;

export const readSummary: CellReader = (cells, value) => {
  const { quantiles, sum, count } = (value ?? {}) as { quantiles?: unknown; sum?: unknown; count?: unknown };
  const wanted = cells.length - 2;
  const list: readonly unknown[] = Array.isArray(quantiles) ? quantiles : [];
  for (let i = 0; i < wanted; i++) {
    const quantile = list[i];
    if (!isNumber(quantile)) return numbersWanted(wanted);
    cells[i] = quantile;
  }
  if (!Array.isArray(quantiles) || list.length !== wanted) return numbersWanted(wanted);
  if (!isNumber(sum)) return 'sum must be a number.';
  if (!countable(count)) return 'count must be a non-negative integer.';
  cells[wanted] = sum;
  cells[wanted + 1] = count;
  return undefined;
};

export const readState: CellReader = (cells, value, { states }) => {
  const at = states.indexOf(value as string);
  if (at < 0) {
    const given = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : `a value of type ${typeof value}`;
    return `${given} is not one of its states ${states.join(', ')}.`;
  }
  cells[0] = at;
  return undefined;
};

export const readInfo: CellReader = (cells) => {
  cells[0] = 1;
  return undefined;
};
