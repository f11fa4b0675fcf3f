import type { Metric } from '../metric/metric.ts';
import { newNameOf, underBothNames, underNewName } from '../metric/renamed.ts';
import type { Collector } from './collector.ts';
import { type EscapedLines, newEscapedLines } from './store/escaped-lines.ts';
import type { SnapshotColumn } from './store/snapshot-column.ts';
import { asWritten } from './store/store.ts';

type Written = Pick<Collector, 'metrics' | 'families'>;

/** All families that a collector declares, as it writes them: deprecated ones under their new name too. */
export const writtenMetrics = (collector: Pick<Collector, 'metrics' | 'prefix' | 'cacheForMs'>): Metric[] =>
  Object.values(collector.metrics).flatMap((metric) => underBothNames(asWritten(collector, metric)));

/** A function that adds the columns of deprecated metrics under their new names; `undefined` if there can't be any. */
export function newNames({ metrics, families }: Written): typeof withNewNames | undefined {
  if (families === 'dynamic') return withNewNames;
  return Object.values(metrics).some((metric) => newNameOf(metric) !== undefined) ? withNewNames : undefined;
}

/** The columns, and those of deprecated metrics a second time, under their new names. Their numbers are shared. */
export function withNewNames(columns: readonly SnapshotColumn[]): readonly SnapshotColumn[] {
  return columns.flatMap((column) => {
    const metric = underNewName(column.metric);
    if (metric === undefined) return [column];
    return [column, { ...column, metric, escapedLines: linesUnder(metric, column), isRenamed: true as const }];
  });
}

// Kept as long as the column's rows keep their numbers.
const known = new WeakMap<EscapedLines, EscapedLines>();

function linesUnder(metric: Metric, { escapedLines }: SnapshotColumn): EscapedLines {
  const lines = known.get(escapedLines) ?? newEscapedLines(metric, escapedLines.constLabels);
  known.set(escapedLines, lines);
  return lines;
}
