import type { LabelRecord } from '../collect/families.ts';
import type { SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { NO_ESCAPINGS } from '../collect/scrape/untyped.ts';
import { Column, type SnapshotColumn } from '../collect/store/column.ts';
import { countDrops } from '../collect/store/drops.ts';
import type { Escaping } from '../metric/escape.ts';
import { ownLabel } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { isInOrder, isWhole, type SeriesLine, seriesLines, seriesOf } from './openmetrics-lines.ts';

// An answer is encoded page by page, and for several readers.
const made = new WeakMap<readonly SnapshotFamily[], Map<Escaping, readonly SnapshotFamily[]>>();

/**
 * The families as OpenMetrics 1.0 can have them. What text 0.0.4 takes may break rules there: a name that is reserved
 * for another family, a histogram without its last bucket, a negative quantile. Such a family loses its type, and is
 * `unknown`, one family for each name among its samples; no sample is lost.
 */
export function openMetricsFamilies(
  families: readonly SnapshotFamily[],
  escaping: Escaping,
): readonly SnapshotFamily[] {
  if (!families.some(({ metric, untyped }) => metric.lines !== undefined || untyped.includes(escaping)))
    return families;
  const known = made.get(families) ?? new Map<Escaping, readonly SnapshotFamily[]>();
  made.set(families, known);
  const one = known.get(escaping) ?? families.flatMap((family) => asOpenMetrics(family, escaping));
  known.set(escaping, one);
  return one;
}

function asOpenMetrics(family: SnapshotFamily, escaping: Escaping): readonly SnapshotFamily[] {
  const { metric, columns } = family;
  const untyped = family.untyped.includes(escaping);
  const type = metric.lines ?? metric.kind;
  if (metric.lines === undefined && !untyped) return [family];
  if (type !== 'histogram' && type !== 'summary') return [{ metric: unknown(metric), columns, untyped: NO_ESCAPINGS }];
  if (!untyped && columns.every((column) => isInOrder(column, type))) return [family];
  const lines = columns.map((column) => [...seriesLines(column)]);
  const series = lines.map((one) => seriesOf(one, type));
  if (!untyped && series.flat().every((one) => isWhole(one, type))) {
    return [{ ...family, columns: columns.map((column, i) => columnOf(metric, column, series[i]!.flat())) }];
  }
  return [...new Set(lines.flat().map(({ ending }) => ending))].map((ending) => {
    const own = unknownLines(metric, type, ending);
    const some = (of: readonly SeriesLine[]): SeriesLine[] => of.filter((line) => line.ending === ending);
    const bare = ({ labels, value }: SeriesLine): SeriesLine => ({ ending: '', labels: { ...labels, '': '' }, value });
    const bared = columns.map((column, i) => columnOf(own, column, some(lines[i]!).map(bare)));
    return { metric: own, columns: bared, untyped: NO_ESCAPINGS };
  });
}

function columnOf(metric: Metric, { escapedLines }: SnapshotColumn, lines: readonly SeriesLine[]): SnapshotColumn {
  const column = new Column(
    metric,
    escapedLines.constLabels,
    countDrops(false),
    { left: Infinity, limit: Infinity },
    false,
  );
  column.begin(1, false);
  for (const { labels, value } of lines) column.setNumber(labels as LabelRecord, value, false);
  return column.snapshot();
}

// The same metrics come at each scrape, and what is known of them is remembered by them.
const unknowns = new WeakMap<Metric, Map<string, Metric>>();

/** One with the name alone, as text 0.0.4 writes it. */
function unknown(metric: Metric): Metric {
  return remembered(metric, '', () => ({ ...metric, kind: 'unknown' }));
}

function unknownLines(metric: Metric, type: 'histogram' | 'summary', ending: string): Metric {
  const own = metric.lines === undefined ? [{ name: ownLabel({ kind: type, name: '' })! }, { name: '' }] : [];
  return remembered(metric, ending, () => ({
    ...metric,
    kind: 'unknown',
    name: metric.name + ending,
    labels: [...metric.labels, ...own],
    buckets: [],
    quantiles: [],
    lines: 'unknown',
  }));
}

function remembered(metric: Metric, ending: string, make: () => Metric): Metric {
  const known = unknowns.get(metric) ?? new Map<string, Metric>();
  unknowns.set(metric, known);
  const one = known.get(ending) ?? make();
  known.set(ending, one);
  return one;
}
