import { Column } from '../collect/store/column.ts';
import { countDrops } from '../collect/store/drops.ts';
import type { EscapedLines } from '../collect/store/escaped-lines.ts';
import type { Exemplar } from '../collect/store/exemplar.ts';
import { labelsOfRow, labelText } from '../collect/store/label-values.ts';
import { liveRows, type SnapshotColumn } from '../collect/store/snapshot-column.ts';
import { toNumber } from '../metric/canonical.ts';
import { ownLabel } from '../metric/labels.ts';
import type { Metric } from '../metric/metric.ts';
import { allowsGaugeSum } from './openmetrics-values.ts';

export type SeriesType = 'histogram' | 'gaugehistogram' | 'summary';

/**
 * A column of single lines as OpenMetrics wants it: the lines of a series together and in order. `undefined` if its series
 * are not of this type. Source: OpenMetrics 1.0, "Histogram" and "Summary".
 */
export function inOrder(column: SnapshotColumn, type: SeriesType): SnapshotColumn | undefined {
  const rows = liveRows(column);
  const places = placesOf(column, type);
  if (areWhole(column, type, rows, places)) return column;
  const { series, parts, bounds } = places;
  rows.sort((a, b) => series[a]! - series[b]! || parts[a]! - parts[b]! || bounds[a]! - bounds[b]!);
  if (!areWhole(column, type, rows, places)) return undefined;
  const lines = Array.from(rows, (row) => ({
    labels: labelsOfRow(column.labelNames, column.labelKeys(), row),
    value: column.vals[row]!,
    exemplar: column.exemplars?.[row],
    startMs: column.starts?.[row] || undefined,
  }));
  return newColumn(column.metric, column.escapedLines.constLabels, lines);
}

interface Line {
  readonly labels: ReturnType<typeof labelsOfRow>;
  readonly value: number;
  readonly exemplar?: Exemplar | undefined;
  readonly startMs?: number | undefined;
}

/** A column to be filled, without a limit. */
export function emptyColumn(metric: Metric, constLabels: EscapedLines['constLabels']): Column {
  const column = new Column(metric, constLabels, countDrops(false), { left: Infinity, limit: Infinity }, false);
  column.begin(1, false);
  return column;
}

/** A column of these rows. */
export function newColumn(
  metric: Metric,
  constLabels: EscapedLines['constLabels'],
  rows: Iterable<Line>,
): SnapshotColumn {
  const column = emptyColumn(metric, constLabels);
  for (const { labels, value, exemplar, startMs } of rows) column.setNumber(labels, value, false, exemplar, startMs);
  return column.snapshot();
}

/** For a column that is in order, whether a row is the last line of its series. */
export function endsSeries(column: SnapshotColumn, type: SeriesType): (row: number) => boolean {
  const { gens, gen, rows } = column;
  const { series } = placesOf(column, type);
  return (row) => {
    let next = row + 1;
    while (next < rows && gens[next] !== gen) next++;
    return next === rows || series[next] !== series[row];
  };
}

const QUANTILE = 0;
const BUCKET = 1;
const SUM = 2;
const COUNT = 3;
const partsBySuffix: ReadonlyMap<unknown, number> = new Map([
  ['', QUANTILE],
  ['_bucket', BUCKET],
  ['_sum', SUM],
  ['_gsum', SUM],
  ['_count', COUNT],
  ['_gcount', COUNT],
]);

/** Where each row belongs: its series, its part of that (a bucket, the sum …), and its `le` or `quantile`. */
interface Places {
  readonly ids: Map<string, number>;
  readonly series: number[];
  readonly parts: number[];
  readonly bounds: number[];
}

// Rows keep their labels as long as the column keeps its `escapedLines`.
const known = new WeakMap<EscapedLines, Places>();

function placesOf({ escapedLines, rows, labelNames, labelKeys }: SnapshotColumn, type: SeriesType): Places {
  let places = known.get(escapedLines);
  if (places !== undefined && places.series.length >= rows) return places;
  places ??= { ids: new Map(), series: [], parts: [], bounds: [] };
  known.set(escapedLines, places);
  const { ids, series, parts, bounds } = places;
  const count = labelNames.length;
  const keys = labelKeys();
  const own = labelNames.indexOf(ownLabel({ kind: type, name: '' })!);
  const suffix = labelNames.indexOf('');
  const others = [...labelNames.keys()].filter((i) => i !== own && i !== suffix);
  const numbers = new Map<unknown, number>();
  for (let row = series.length; row < rows; row++) {
    const at = row * count;
    // Mostly the line belongs to the same series as the one before.
    if (row > 0 && others.every((i) => keys[at + i] === keys[at - count + i])) series.push(series[row - 1]!);
    else {
      const key = JSON.stringify(others.map((i) => labelText(keys[at + i])));
      const id = ids.get(key) ?? ids.size;
      ids.set(key, id);
      series.push(id);
    }
    const text = keys[at + own];
    const bound = numbers.get(text) ?? toNumber(String(text)) ?? Number.NaN;
    numbers.set(text, bound);
    bounds.push(bound);
    const part = partsBySuffix.get(keys[at + suffix]) ?? -1;
    parts.push(part >= SUM && text !== '' ? -1 : part);
  }
  return places;
}

/** Whether the rows, in this order, are whole series in the order of their numbers. */
function areWhole(column: SnapshotColumn, type: SeriesType, rows: Uint32Array, places: Places): boolean {
  const { series } = places;
  const isWhole = type === 'summary' ? isSummary : type === 'histogram' ? isHistogram : isGaugeHistogram;
  let last = -1;
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const number = series[rows[from]!]!;
    if (number < last) return false;
    last = number;
    while (to < rows.length && series[rows[to]!] === number) to++;
    if (!isWhole(column.vals, rows, from, to, places)) return false;
  }
  return true;
}

type SeriesCheck = (vals: Float64Array, rows: Uint32Array, from: number, to: number, places: Places) => boolean;

/** Buckets in ascending order up to `+Inf`; then both sum and count, or neither, and neither if there are negative bounds. */
const isHistogram: SeriesCheck = (...series) => areBuckets(...series, (sum, lowest) => lowest >= 0 && sum >= 0);

/** The same, but for sums. */
const isGaugeHistogram: SeriesCheck = (...series) => areBuckets(...series, allowsGaugeSum);

function areBuckets(
  vals: Float64Array,
  rows: Uint32Array,
  from: number,
  to: number,
  { parts, bounds }: Places,
  allows: (sum: number, lowest: number) => boolean,
): boolean {
  let at = from;
  let total = 0;
  let bound = -Infinity;
  for (; at < to && parts[rows[at]!] === BUCKET; at++) {
    const row = rows[at]!;
    if (!(bounds[row]! > bound) || !(vals[row]! >= total)) return false;
    bound = bounds[row]!;
    total = vals[row]!;
  }
  if (bound !== Infinity) return false;
  if (at === to) return true;
  const [sum, count] = [rows[at]!, rows[at + 1]!];
  if (to - at !== 2 || parts[sum] !== SUM || parts[count] !== COUNT) return false;
  return allows(vals[sum]!, bounds[rows[from]!]!) && vals[count] === total;
}

/** Quantiles from 0 to 1, not negative; then a sum, then a count. */
const isSummary: SeriesCheck = (vals, rows, from, to, { parts, bounds }) => {
  let last = QUANTILE;
  for (let at = from; at < to; at++) {
    const row = rows[at]!;
    const part = parts[row]!;
    if (part < last || part === BUCKET) return false;
    last = part;
    if (part === QUANTILE ? vals[row]! < 0 || !(bounds[row]! >= 0 && bounds[row]! <= 1) : !(vals[row]! >= 0))
      return false;
  }
  return true;
};
