import type { LabelRecord } from '../collect/families.ts';
import type { ClientSample } from './client-metric.ts';

/** The entries of one label set of a histogram or summary. */
export interface CompositeSeries {
  readonly labels: LabelRecord;
  readonly cells: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export interface CompositeFamily {
  /** Bounds or quantiles, the same in every group. */
  readonly keys: readonly unknown[];
  readonly series: readonly CompositeSeries[];
}

/** Puts the entries of each label set together; `undefined` when they do not have the same bounds or quantiles. */
export function compositesOf(name: string, values: readonly ClientSample[], own: string): CompositeFamily | undefined {
  return inOrder(name, values, own) ?? inOrder(name, ordered(name, values, own), own);
}

const none: LabelRecord = {};

/** Clients list one label set after the other: its buckets or quantiles, then sum, then count. `undefined` if not so. */
function inOrder(name: string, values: readonly ClientSample[], own: string): CompositeFamily | undefined {
  const [sumName, countName] = [`${name}_sum`, `${name}_count`];
  const series: CompositeSeries[] = [];
  let first: unknown[] | undefined;
  let keys: unknown[] = [];
  let cells: number[] = [];
  let sum = Number.NaN;
  for (const { metricName, labels = none, value } of values) {
    if (metricName === sumName) sum = value;
    else if (metricName !== countName) {
      keys.push(labels[own]);
      cells.push(value);
    } else {
      first ??= keys;
      if (first.length !== keys.length || !first.every((key, i) => key === keys[i])) return undefined;
      series.push({ labels, cells, sum, count: value });
      [keys, cells, sum] = [[], [], Number.NaN];
    }
  }
  return keys.length > 0 ? undefined : { keys: first ?? [], series };
}

/** What the successor's cluster aggregation has mixed up, put in order. */
function ordered(name: string, values: readonly ClientSample[], own: string): ClientSample[] {
  const rows = values.map((entry) => {
    const { [own]: key, ...labels } = entry.labels ?? none;
    const place = entry.metricName === `${name}_count` ? 2 : entry.metricName === `${name}_sum` ? 1 : 0;
    const set = JSON.stringify(Object.entries(labels).sort());
    return { entry, set, place, bound: key === '+Inf' ? Infinity : Number(key) };
  });
  rows.sort((a, b) => (a.set < b.set ? -1 : a.set > b.set ? 1 : a.place - b.place || a.bound - b.bound));
  return rows.map(({ entry }) => entry);
}

/** From cumulative to plain. A client that was given an infinite bucket lists it before its own, with the same count. */
export function countsOf(cells: readonly number[], bounds: number): number[] {
  const counts = cells.slice(0, bounds + 1);
  counts[bounds] = cells.at(-1)!;
  for (let i = bounds; i > 0; i--) counts[i]! -= counts[i - 1]!;
  return counts;
}
