import type { SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { countDropped } from '../collect/store/drops.ts';
import { liveRows, type SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { isBucketed, type Metric } from '../metric/metric.ts';

/**
 * Whether OpenMetrics 1.0 allows a histogram's sum, and its count, which comes only beside a sum: the sum is a counter, so
 * negative observations rule it out. That of a gauge histogram is negative only if buckets are.
 */
export function allowsSum(sum: number, { kind, buckets }: Metric): boolean {
  if (kind === 'gaugehistogram') return allowsGaugeSum(sum, buckets[0] ?? Infinity);
  return sum >= 0 && !(buckets[0]! < 0);
}

/** Whether OpenMetrics 1.0 allows a gauge histogram's sum. */
export const allowsGaugeSum = (sum: number, lowest: number): boolean => sum >= 0 || (lowest < 0 && sum < 0);

/** Whether OpenMetrics 1.0 allows a line of a summary: nothing negative, and NaN only as a quantile without observations. */
export function allowsLine(value: number, isSum: boolean): boolean {
  return isSum ? value >= 0 : !(value < 0);
}

/** Counts the lines of a declared histogram or summary that OpenMetrics forbids: the encoder leaves them out there. */
export function countForbidden({ metric, columns }: SnapshotFamily): void {
  if (!isBucketed(metric.kind) && metric.kind !== 'summary') return;
  const forbidden = isBucketed(metric.kind) ? forbiddenInHistogram : forbiddenInSummary;
  for (const column of columns) {
    let lines = 0;
    for (const row of liveRows(column)) lines += forbidden(column, row);
    if (lines > 0) countDropped(column.drops, 'openmetrics', lines, () => `${metric.name}: ${WHY}`);
  }
}

const WHY = 'has negative or NaN sums, or negative quantiles; OpenMetrics forbids them, the text format has them.';

function forbiddenInHistogram({ metric, vals, cells }: SnapshotColumn, row: number): number {
  return allowsSum(vals[(row + 1) * cells - 1]!, metric) ? 0 : 2;
}

function forbiddenInSummary({ vals, cells }: SnapshotColumn, row: number): number {
  let lines = 0;
  for (let i = 0; i < cells; i++) if (!allowsLine(vals[row * cells + i]!, i === cells - 2)) lines++;
  return lines;
}
