import type { SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { countDropped } from '../collect/store/drops.ts';
import { liveRows, type SnapshotColumn } from '../collect/store/snapshot-column.ts';
import type { Metric } from '../metric/metric.ts';

/**
 * Whether OpenMetrics 1.0 allows a histogram's sum, and its count, which comes only beside a sum: the sum is a counter, so
 * negative observations rule it out.
 */
export function allowsSum(sum: number, { buckets }: Metric): boolean {
  return sum >= 0 && !(buckets[0]! < 0);
}

/** Whether OpenMetrics 1.0 allows a line of a summary: nothing negative, and NaN only as a quantile without observations. */
export function allowsLine(value: number, isSum: boolean): boolean {
  return isSum ? value >= 0 : !(value < 0);
}

/** Counts the lines of a declared histogram or summary that OpenMetrics forbids: the encoder leaves them out there. */
export function countForbidden({ metric, columns }: SnapshotFamily): void {
  if (metric.kind !== 'histogram' && metric.kind !== 'summary') return;
  const forbidden = metric.kind === 'histogram' ? forbiddenInHistogram : forbiddenInSummary;
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
