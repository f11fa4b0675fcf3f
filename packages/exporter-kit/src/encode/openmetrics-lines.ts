import type { FrozenColumn } from '../collect/store/column.ts';
import { canonical, toNumber } from '../metric/canonical.ts';

/** One line of a histogram or summary. */
export interface Line {
  /** What its name has after the family's. */
  readonly ending: string;
  /** With that ending under the label '', and `le` or `quantile`, which are '' where it has none. */
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

type Type = 'histogram' | 'summary';

const ownLabels: { readonly [T in Type]: string } = { histogram: 'le', summary: 'quantile' };

/** The lines of a column, as text 0.0.4 writes them. */
export function* linesOf(column: FrozenColumn): Generator<Line> {
  const { metric, rows, gen, gens, vals, cells } = column;
  for (let row = 0; row < rows; row++) {
    if (gens[row] !== gen) continue;
    const labels = column.labelsOf(row) as Line['labels'];
    if (metric.lines !== undefined) yield { ending: labels['']!, labels, value: vals[row]! };
    else yield* linesOfRow(column, labels, vals.subarray(row * cells, (row + 1) * cells));
  }
}

function* linesOfRow({ metric }: FrozenColumn, labels: Line['labels'], cells: Float64Array): Generator<Line> {
  const { kind, buckets, quantiles } = metric;
  const own = ownLabels[kind as Type];
  const line = (ending: string, value: number, at = ''): Line => ({
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

/** The lines of each series together, in the order that OpenMetrics wants. */
export function seriesOf(lines: readonly Line[], type: Type): Line[][] {
  const series = new Map<string, Line[]>();
  const own = ownLabels[type];
  for (const line of lines) {
    const key = JSON.stringify({ ...line.labels, [own]: '', '': '' });
    const known = series.get(key);
    if (known === undefined) series.set(key, [line]);
    else known.push(line);
  }
  const places = ['', '_bucket', '_sum', '_count'];
  const place = ({ ending }: Line): number => places.indexOf(ending);
  const number = ({ labels }: Line): number => toNumber(labels[own]!) ?? 0;
  for (const one of series.values()) one.sort((a, b) => place(a) - place(b) || number(a) - number(b) || 0);
  return [...series.values()];
}

/** Whether OpenMetrics lets a series, in order, be of this type. */
export function isWhole(series: readonly Line[], type: Type): boolean {
  const own = ownLabels[type];
  let [bound, total] = [-Infinity, 0];
  let [sum, count]: (number | undefined)[] = [];
  let negative = false;
  for (const { ending, labels, value } of series) {
    if (ending === '_sum' || ending === '_count') {
      // Both are counters there.
      if (labels[own] !== '' || !(value >= 0)) return false;
      if (ending === '_sum') sum = value;
      else count = value;
      continue;
    }
    const at = toNumber(labels[own]!) ?? Number.NaN;
    if (type === 'summary') {
      if (ending !== '' || !(at >= 0 && at <= 1) || value < 0) return false;
      continue;
    }
    if (ending !== '_bucket' || !(at > bound) || value < total) return false;
    negative ||= at < 0;
    [bound, total] = [at, value];
  }
  if (type === 'summary') return true;
  if (bound !== Infinity || (sum === undefined) !== (count === undefined)) return false;
  return count === undefined || (count === total && !negative);
}
