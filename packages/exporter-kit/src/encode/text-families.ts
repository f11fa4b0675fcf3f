import { NO_ESCAPINGS, type SnapshotFamily } from '../collect/scrape/snapshot.ts';
import { liveRows, type SnapshotColumn } from '../collect/store/snapshot-column.ts';
import type { Metric } from '../metric/metric.ts';

// A snapshot is encoded page by page, and for several readers.
const made = new WeakMap<readonly SnapshotFamily[], readonly SnapshotFamily[]>();

/**
 * The families as text 0.0.4 allows them: a gauge histogram is a family of unknown type for each sample name. Its lines are
 * those of the column, of which each family writes some.
 */
export function textFamilies(families: readonly SnapshotFamily[]): readonly SnapshotFamily[] {
  const known =
    made.get(families) ??
    (families.some(isGauges) ? families.flatMap((one) => (isGauges(one) ? byEnding(one) : one)) : families);
  made.set(families, known);
  return known;
}

const isGauges = ({ metric }: SnapshotFamily): boolean => (metric.lines ?? metric.kind) === 'gaugehistogram';

/** The endings of a gauge histogram's lines; the first is that of lines read from elsewhere only. */
const ENDINGS = ['', '_bucket', '_gsum', '_gcount'] as const;

function byEnding({ metric, columns }: SnapshotFamily): SnapshotFamily[] {
  return ENDINGS.flatMap((ending) => {
    if (ending === '' && metric.lines === undefined) return [];
    const own =
      metric.lines === undefined
        ? columns.map((column) => ({ ...column, ending }))
        : columns.map((column) => rowsOf(column, ending)).filter(({ live }) => live > 0);
    return own.length === 0 ? [] : [{ metric: headOf(metric, ending), columns: own, untyped: NO_ESCAPINGS }];
  });
}

/** The column without the lines that end in another way. */
function rowsOf(column: SnapshotColumn, ending: string): SnapshotColumn {
  const { labelNames, gen } = column;
  const at = labelNames.indexOf('');
  const keys = column.labelKeys();
  const gens = column.gens.slice();
  const others = liveRows(column).filter((row) => keys[row * labelNames.length + at] !== ending);
  for (const row of others) gens[row] = gen - 1;
  return { ...column, gens, live: column.live - others.length };
}

// The same metrics come at each scrape, and encoded heads are cached by them.
const heads = new WeakMap<Metric, Map<string, Metric>>();

function headOf(metric: Metric, ending: string): Metric {
  const known = heads.get(metric) ?? new Map<string, Metric>();
  heads.set(metric, known);
  const { lines: _, ...rest } = metric;
  const head: Metric = known.get(ending) ?? { ...rest, kind: 'unknown', name: metric.name + ending };
  known.set(ending, head);
  return head;
}
