import type { Sample } from '../../collect/families.ts';
import type { NativeHistogram } from '../../collect/native-histogram.ts';
import { NO_ESCAPINGS, type SnapshotFamily } from '../../collect/scrape/snapshot.ts';
import type { Column } from '../../collect/store/column.ts';
import type { Exemplar } from '../../collect/store/exemplar.ts';
import type { SnapshotColumn } from '../../collect/store/snapshot-column.ts';
import { toNumber } from '../../metric/canonical.ts';
import type { Metric } from '../../metric/metric.ts';
import { familiesByName } from '../openmetrics-families.ts';
import { emptyColumn, type SeriesType } from '../openmetrics-lines.ts';
import { samplesIn } from '../samples.ts';
import { nativesApart } from './natives-apart.ts';

// A snapshot is encoded page by page, and for several readers.
const made = new WeakMap<readonly SnapshotFamily[], readonly SnapshotFamily[]>();

/**
 * The families as protobuf can have them: histograms and summaries that were read line by line are put together. A family
 * with a series that lacks a part, or has more than its parts, is a family of type unknown for each sample name. Series with
 * native buckets are in a family of their own where others have none.
 */
export function protobufFamilies(families: readonly SnapshotFamily[]): readonly SnapshotFamily[] {
  const known = made.get(families) ?? families.flatMap(assembled).flatMap(nativesApart);
  made.set(families, known);
  return known;
}

function assembled(family: SnapshotFamily): readonly SnapshotFamily[] {
  const { metric, columns } = family;
  const type = metric.lines;
  if (type === undefined || type === 'unknown') return [family];
  const whole: SnapshotColumn[] = [];
  for (const column of columns) {
    const series = seriesIn(column, type);
    if (series === undefined) return familiesByName(family, type);
    whole.push(...columnsOf(column, type, series));
  }
  return [{ metric: metricOf(metric, type, []), columns: whole, untyped: NO_ESCAPINGS }];
}

/** A histogram or summary whose lines are together. */
interface Series {
  readonly labels: { readonly [label: string]: string };
  readonly startMs: number | undefined;
  /** By bound or quantile, not sorted. */
  readonly parts: { readonly at: number; readonly value: number; readonly exemplar: Exemplar | undefined }[];
  sum?: number;
  count?: number;
  native?: NativeHistogram;
}

/** `undefined` if a series is not whole. */
function seriesIn(column: SnapshotColumn, type: SeriesType): readonly Series[] | undefined {
  const { name } = column.metric;
  const [own, ending] = type === 'summary' ? ['quantile', ''] : ['le', '_bucket'];
  const all = new Map<string, Series>();
  for (const sample of samplesIn(column, 'allow-utf-8', 'beside')) {
    const { [own]: at, ...labels } = { ...sample.labels };
    const key = JSON.stringify(Object.entries(labels).sort());
    const series: Series = all.get(key) ?? { labels, startMs: sample.startMs, parts: [] };
    all.set(key, series);
    if (!add(series, sample, sample.name.slice(name.length), at, ending)) return undefined;
  }
  const list = [...all.values()];
  return list.every((series) => isWhole(series, type)) ? list : undefined;
}

function add(
  series: Series,
  { value, exemplar, native }: Sample,
  suffix: string,
  at: string | undefined,
  ending: string,
): boolean {
  if (native !== undefined) {
    // Those of classic buckets are not its own.
    series.native = { ...native, exemplars: native.exemplars ?? [] };
    return true;
  }
  if (suffix === ending) {
    const bound = toNumber(at ?? '');
    if (bound === undefined) return false;
    series.parts.push({ at: bound, value, exemplar });
    return true;
  }
  if (at !== undefined) return false;
  const isSum = suffix === '_sum' || suffix === '_gsum';
  const isCount = suffix === '_count' || suffix === '_gcount';
  if (isSum) series.sum = value;
  else if (isCount) series.count = value;
  return isSum || isCount;
}

function isWhole({ parts, sum, count }: Series, type: SeriesType): boolean {
  if (sum === undefined || count === undefined || !Number.isSafeInteger(count) || count < 0) return false;
  parts.sort((a, b) => a.at - b.at);
  if (type === 'summary') return true;
  let last = 0;
  for (const { at, value } of parts) {
    if (!Number.isSafeInteger(value) || value < last || Number.isNaN(at) || (at === Infinity && value !== count))
      return false;
    last = value;
  }
  return last <= count;
}

/** One column for each set of bounds or quantiles. */
function columnsOf(column: SnapshotColumn, type: SeriesType, all: readonly Series[]): SnapshotColumn[] {
  const made = new Map<string, Column>();
  const { metric, escapedLines } = column;
  for (const { labels, startMs, parts, sum, count, native } of all) {
    const finite = parts.filter(({ at }) => type === 'summary' || at !== Infinity);
    const bounds = finite.map(({ at }) => at);
    const key = bounds.join();
    const own = made.get(key) ?? emptyColumn(metricOf(metric, type, bounds), escapedLines.constLabels);
    made.set(key, own);
    const values = finite.map(({ value }) => value);
    const cells =
      type === 'summary'
        ? [...values, sum!, count!]
        : [...values, count!].map((value, i, list) => value - (list[i - 1] ?? 0)).concat(sum!);
    const exemplars = [...finite, ...parts.filter(({ at }) => at === Infinity)].map(({ exemplar }) => exemplar);
    const given = Object.fromEntries(
      metricOf(metric, type, bounds).labels.map(({ name }) => [name, labels[name] ?? '']),
    );
    const kept = type === 'summary' ? undefined : exemplars;
    own.setNumbers(given, Float64Array.from(cells), false, kept, native, startMs);
  }
  return Array.from(made.values(), (one) => one.snapshot());
}

// The same metrics come at each scrape, and encoded heads are cached by them.
const metrics = new WeakMap<Metric, Map<string, Metric>>();

/** The metric as if it had been declared with these bounds or quantiles. */
function metricOf(metric: Metric, type: SeriesType, bounds: readonly number[]): Metric {
  const known = metrics.get(metric) ?? new Map<string, Metric>();
  metrics.set(metric, known);
  const key = bounds.join();
  const own = type === 'summary' ? 'quantile' : 'le';
  const { lines: _, ...rest } = metric;
  const one: Metric = known.get(key) ?? {
    ...rest,
    kind: type,
    labels: metric.labels.filter(({ name }) => name !== '' && name !== own),
    buckets: type === 'summary' ? [] : bounds,
    quantiles: type === 'summary' ? bounds : [],
  };
  known.set(key, one);
  return one;
}
