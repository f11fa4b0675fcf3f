import type { SnapshotColumn } from '../collect/store/column.ts';
import type { EscapedLines } from '../collect/store/escaped-lines.ts';
import { labelsOfRow } from '../collect/store/label-values.ts';
import { canonical, toNumber } from '../metric/canonical.ts';
import { ownLabel } from '../metric/labels.ts';
import { seriesCheck } from './openmetrics-series.ts';

/** One line of a histogram or summary. */
export interface SeriesLine {
  /** What its name has after the family's. */
  readonly ending: string;
  /** With that ending under the label '', and `le` or `quantile`, which are '' where it has none. */
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

export type SeriesType = 'histogram' | 'summary';

const labelOf = (type: SeriesType): string => ownLabel({ kind: type, name: '' })!;
const places = ['', '_bucket', '_sum', '_count'];

/** Where a line stands in its series, and its bound or quantile; no place for a line that makes no sense. */
function standingOf({ ending, labels }: SeriesLine, type: SeriesType): { readonly place: number; readonly at: number } {
  const own = labels[labelOf(type)]!;
  const place = own !== '' && (ending === '_sum' || ending === '_count') ? -1 : places.indexOf(ending);
  return { place, at: toNumber(own) ?? Number.NaN };
}

/** The lines of a column, as text 0.0.4 writes them. */
export function* seriesLines(column: SnapshotColumn): Generator<SeriesLine> {
  const { metric, rows, gen, gens, vals, cells } = column;
  for (let row = 0; row < rows; row++) {
    if (gens[row] !== gen) continue;
    if (metric.lines !== undefined) yield lineOf(column, row);
    else {
      const labels = labelsIn(column, row);
      yield* linesOfRow(column, labels, vals.subarray(row * cells, (row + 1) * cells));
    }
  }
}

function labelsIn({ labelNames, labelKeys }: SnapshotColumn, row: number): SeriesLine['labels'] {
  return labelsOfRow(labelNames, labelKeys, row) as SeriesLine['labels'];
}

function lineOf(column: SnapshotColumn, row: number): SeriesLine {
  const labels = labelsIn(column, row);
  return { ending: labels['']!, labels, value: column.vals[row]! };
}

function* linesOfRow(
  { metric }: SnapshotColumn,
  labels: SeriesLine['labels'],
  cells: Float64Array,
): Generator<SeriesLine> {
  const { kind, buckets, quantiles } = metric;
  const own = labelOf(kind as SeriesType);
  const line = (ending: string, value: number, at = ''): SeriesLine => ({
    ending,
    labels: { ...labels, [own]: at, '': ending },
    value,
  });
  if (kind === 'summary') {
    for (const [i, quantile] of quantiles.entries()) yield line('', cells[i]!, canonical(quantile));
    yield line('_sum', cells.at(-2)!);
    yield line('_count', cells.at(-1)!);
    return;
  }
  let count = 0;
  for (const [i, bound] of [...buckets, Infinity].entries()) {
    count += cells[i]!;
    yield line('_bucket', count, canonical(bound));
  }
  yield line('_sum', cells.at(-1)!);
  yield line('_count', count);
}

const keyOf = ({ labels }: SeriesLine, type: SeriesType): string =>
  JSON.stringify({ ...labels, [labelOf(type)]: '', '': '' });

/** The lines of each series together, in the order that OpenMetrics wants. */
export function seriesOf(lines: readonly SeriesLine[], type: SeriesType): SeriesLine[][] {
  const series = new Map<string, { readonly line: SeriesLine; readonly place: number; readonly at: number }[]>();
  for (const line of lines) {
    const key = keyOf(line, type);
    const known = series.get(key) ?? [];
    series.set(key, known);
    known.push({ line, ...standingOf(line, type) });
  }
  return [...series.values()].map((one) =>
    one.sort((a, b) => a.place - b.place || a.at - b.at || 0).map(({ line }) => line),
  );
}

/** Whether OpenMetrics lets a series, in order, be of this type. */
export function isWhole(series: readonly SeriesLine[], type: SeriesType): boolean {
  const check = seriesCheck(type);
  for (const line of series) {
    const { place, at } = standingOf(line, type);
    if (!check.add(place, at, line.value)) return false;
  }
  return check.end();
}

/** What stays the same of a row: the number of its series, and where it stands in that. */
interface Rows {
  readonly ids: Map<string, number>;
  readonly series: number[];
  readonly places: number[];
  readonly ats: number[];
}

const known = new WeakMap<EscapedLines, Rows>();

function rowsOf(column: SnapshotColumn, type: SeriesType): Rows {
  const rows = known.get(column.escapedLines) ?? { ids: new Map<string, number>(), series: [], places: [], ats: [] };
  known.set(column.escapedLines, rows);
  for (let row = rows.series.length; row < column.rows; row++) {
    const line = lineOf(column, row);
    const key = keyOf(line, type);
    const id = rows.ids.get(key) ?? rows.ids.size;
    rows.ids.set(key, id);
    const { place, at } = standingOf(line, type);
    rows.series.push(id);
    rows.places.push(place);
    rows.ats.push(at);
  }
  return rows;
}

/** Whether a column of lines can stay as it is: all series are whole, each in one place and in order. */
export function isInOrder(column: SnapshotColumn, type: SeriesType): boolean {
  const { ids, series, places, ats } = rowsOf(column, type);
  const { gens, gen, vals } = column;
  const seen = new Uint8Array(ids.size);
  const check = seriesCheck(type);
  let current = -1;
  for (let row = 0; row < column.rows; row++) {
    if (gens[row] !== gen) continue;
    const id = series[row]!;
    if (id !== current) {
      if (seen[id] === 1 || (current >= 0 && !check.end())) return false;
      seen[id] = 1;
      current = id;
      check.begin();
    }
    if (!check.add(places[row]!, ats[row]!, vals[row]!)) return false;
  }
  return current < 0 || check.end();
}
