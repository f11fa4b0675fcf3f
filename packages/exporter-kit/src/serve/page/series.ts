import { labelText } from '../../collect/store/label-values.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import type { Metric } from '../../metric/metric.ts';
import { isPointInTime } from '../../metric/point-in-time.ts';

/** One series as a page shows it; of a histogram or summary, all its lines together. */
export interface Series {
  readonly column: SnapshotColumn;
  readonly row: number;
}

/** The number of a series that is charted: of a histogram or summary its count, of a stateset the current state's index. */
export function numberOf(column: SnapshotColumn, row: number): number {
  const { metric, cells, vals } = column;
  const from = row * cells;
  switch (metric.kind) {
    case 'histogram':
    case 'gaugehistogram': {
      const native = metric.buckets.length === 0 ? column.nativeOf?.(row) : undefined;
      if (native !== undefined) return native.count;
      let count = 0;
      for (let i = 0; i < cells - 1; i++) count += vals[from + i]!;
      return count;
    }
    case 'summary':
      return vals[from + cells - 1]!;
    default:
      return vals[from]!;
  }
}

/** The sum of a histogram's or summary's observations. */
export function sumOf({ metric, cells, vals }: SnapshotColumn, row: number): number {
  return vals[row * cells + cells - (metric.kind === 'summary' ? 2 : 1)]!;
}

/** A series' labels in order, with those of its collector and target; without `le`, `quantile` and states. */
export function labelsOf({ column, row }: Series): [name: string, value: string][] {
  const { escapedLines, labelNames, metric } = column;
  const keys = column.labelKeys();
  const count = labelNames.length;
  const own = labelNames.map((name, i): [string, string] => [name, labelText(keys[row * count + i]!) ?? '']);
  // Lines read from an exposition: the label '' is the ending of the name, and others may be absent.
  const present = metric.lines === undefined ? own : own.filter(([name, value]) => name !== '' && value !== '');
  const fixed = Object.entries(escapedLines.constLabels);
  return [...fixed.map(([name, value]): [string, string] => [name, String(value)]), ...present];
}

/** Tells a collector's series of one family apart. */
export function keyOf(column: SnapshotColumn, row: number): string {
  const count = column.labelNames.length;
  if (count === 0) return '';
  const keys = column.labelKeys();
  let key = '';
  for (let i = 0; i < count; i++) key += `${labelText(keys[row * count + i]!)}\u0000`;
  return key;
}

/** The name of a series' line: with the ending, where it was read line by line. */
export function nameOf({ column, row }: Series): string {
  const { metric, labelNames } = column;
  if (metric.lines === undefined) return metric.name;
  const at = labelNames.indexOf('');
  return at < 0 ? metric.name : metric.name + labelText(column.labelKeys()[row * labelNames.length + at]!);
}

/** Whether a family's number only goes up, so that its rate is charted. */
export const isCounted = (metric: Metric): boolean => !isPointInTime(metric) && isRising(metric);

const isRising = ({ kind, lines }: Metric): boolean =>
  kind === 'counter' || kind === 'histogram' || kind === 'summary' || lines === 'histogram' || lines === 'summary';
