import type { Sample } from '../collect/families.ts';
import { NO_ESCAPINGS, type SnapshotFamily } from '../collect/scrape/snapshot.ts';
import type { SnapshotColumn } from '../collect/store/snapshot-column.ts';
import type { Escaping } from '../metric/escape.ts';
import { ownLabel } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { inOrder, newColumn, type SeriesType } from './openmetrics-lines.ts';
import { countForbidden } from './openmetrics-values.ts';
import { samplesIn } from './samples.ts';

// A snapshot is encoded page by page, and for several readers.
const made = new WeakMap<readonly SnapshotFamily[], Map<Escaping, readonly SnapshotFamily[]>>();

/**
 * The families as OpenMetrics 1.0 allows them. Families that text 0.0.4 allows can break its rules: by a name that another
 * family reserves, a histogram without its last bucket, a negative quantile. Such a family is `unknown` there, one family
 * for each sample name; no sample is lost. Lines of declared histograms and summaries that it forbids are counted as
 * dropped, once per snapshot.
 */
export function openMetricsFamilies(
  families: readonly SnapshotFamily[],
  escaping: Escaping,
): readonly SnapshotFamily[] {
  let known = made.get(families);
  if (known === undefined) {
    known = new Map();
    made.set(families, known);
    for (const family of families) if (!family.untyped.includes(escaping)) countForbidden(family);
  }
  const one = known.get(escaping) ?? allAsOpenMetrics(families, escaping);
  known.set(escaping, one);
  return one;
}

function allAsOpenMetrics(families: readonly SnapshotFamily[], escaping: Escaping): readonly SnapshotFamily[] {
  return families.some(({ metric, untyped }) => metric.lines !== undefined || untyped.includes(escaping))
    ? families.flatMap((family) => asOpenMetrics(family, escaping))
    : families;
}

function asOpenMetrics(family: SnapshotFamily, escaping: Escaping): readonly SnapshotFamily[] {
  const { metric, columns, untyped } = family;
  const type = metric.lines ?? metric.kind;
  if (untyped.includes(escaping)) {
    noteUntyped(family, 'another family has a name that it reserves');
    return isSeries(type)
      ? familiesByName(family, type)
      : [{ metric: unknown(metric), columns, untyped: NO_ESCAPINGS }];
  }
  if (!isSeries(metric.lines)) return [family];
  const ordered = columns.map((column) => inOrder(column, type as SeriesType));
  if (ordered.every((column, i) => column === columns[i])) return [family];
  if (ordered.includes(undefined)) {
    noteUntyped(family, `its series are not a valid ${type} there`);
    return familiesByName(family, type as SeriesType);
  }
  return [{ ...family, columns: ordered as SnapshotColumn[] }];
}

const isSeries = (type: string | undefined): type is SeriesType =>
  type === 'histogram' || type === 'gaugehistogram' || type === 'summary';

/** Notes that a family loses its type in OpenMetrics, for the log. */
function noteUntyped({ metric, columns }: SnapshotFamily, why: string): void {
  for (const { drops } of columns) drops.untyped ??= `${metric.name}: ${why}.`;
}

/** A histogram or summary as an `unknown` family for each of its sample names. */
export function familiesByName({ metric, columns }: SnapshotFamily, type: SeriesType): SnapshotFamily[] {
  const samples = columns.map((column) => [...samplesIn(column, 'allow-utf-8')]);
  return [...new Set(samples.flat().map(({ name }) => name))].map((name) => {
    const own = unknownLines(metric, type, name);
    const lines = (of: readonly Sample[]) =>
      of
        .filter((sample) => sample.name === name)
        .map(({ labels, value }) => ({ labels: rowLabels(own, labels), value }));
    return {
      metric: own,
      columns: columns.map(({ escapedLines }, i) => newColumn(own, escapedLines.constLabels, lines(samples[i]!))),
      untyped: NO_ESCAPINGS,
    };
  });
}

/** Labels for a row of single lines: those that a line lacks are empty. */
function rowLabels(metric: Metric, labels: Sample['labels']): Sample['labels'] {
  return Object.fromEntries(metric.labels.map(({ name }) => [name, labels[name] ?? '']));
}

// The same metrics come at each scrape, and encoded heads are cached by them.
const unknowns = new WeakMap<Metric, Map<string, Metric>>();

/** The metric without its type, as text 0.0.4 names it. */
function unknown(metric: Metric): Metric {
  return remembered(metric, '', () => ({ ...metric, kind: 'unknown' }));
}

function unknownLines(metric: Metric, type: SeriesType, name: string): Metric {
  const own = metric.lines === undefined ? [{ name: ownLabel({ kind: type, name })! }, { name: '' }] : [];
  return remembered(metric, name, () => ({
    ...metric,
    kind: 'unknown',
    name,
    labels: [...metric.labels, ...own],
    buckets: [],
    quantiles: [],
    lines: 'unknown',
  }));
}

function remembered(metric: Metric, name: string, make: () => Metric): Metric {
  const known = unknowns.get(metric) ?? new Map<string, Metric>();
  unknowns.set(metric, known);
  const one = known.get(name) ?? make();
  known.set(name, one);
  return one;
}
