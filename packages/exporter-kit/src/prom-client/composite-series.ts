import type { LabelRecord } from '../collect/families.ts';
import type { ClientExemplar, ClientSample } from './client-metric.ts';

/** The samples of one label set of a histogram or summary. */
export interface CompositeSeries {
  readonly labels: LabelRecord;
  /** Bucket counts or quantile values, in the order of the keys. */
  readonly cells: readonly number[];
  /** As many as `cells`. */
  readonly exemplars: readonly (ClientExemplar | null | undefined)[];
  readonly sum: number;
  readonly count: number;
}

/** A histogram or summary whose series all have the same bounds or quantiles. */
export interface CompositeFamily {
  /** Bounds or quantiles. */
  readonly keys: readonly unknown[];
  readonly series: readonly CompositeSeries[];
}

/** Groups samples by label set; `undefined` if bounds or quantiles differ between label sets. */
export function compositesOf(name: string, values: readonly ClientSample[], own: string): CompositeFamily | undefined {
  return inOrder(name, values, own) ?? inOrder(name, ordered(name, values, own), own);
}

const none: LabelRecord = {};

/** Clients list one label set after another: buckets or quantiles, then sum, then count. `undefined` for any other order. */
function inOrder(name: string, values: readonly ClientSample[], own: string): CompositeFamily | undefined {
  const [sumName, countName] = [`${name}_sum`, `${name}_count`];
  const series: CompositeSeries[] = [];
  let first: unknown[] | undefined;
  let keys: unknown[] = [];
  let cells: number[] = [];
  let exemplars: ClientSample['exemplar'][] = [];
  let sum = Number.NaN;
  for (const { metricName, labels = none, value, exemplar } of values) {
    if (metricName === sumName) sum = value;
    else if (metricName !== countName) {
      keys.push(labels[own]);
      cells.push(value);
      exemplars.push(exemplar);
    } else {
      first ??= keys;
      if (first.length !== keys.length || !first.every((key, i) => key === keys[i])) return undefined;
      series.push({ labels, cells, exemplars, sum, count: value });
      [keys, cells, exemplars, sum] = [[], [], [], Number.NaN];
    }
  }
  return keys.length > 0 ? undefined : { keys: first ?? [], series };
}

/** Sorts samples: the cluster aggregation of prom-client's successor mixes them up. */
function ordered(name: string, values: readonly ClientSample[], own: string): ClientSample[] {
  const rows = values.map((sample) => {
    const { [own]: key, ...labels } = sample.labels ?? none;
    const place = sample.metricName === `${name}_count` ? 2 : sample.metricName === `${name}_sum` ? 1 : 0;
    const set = JSON.stringify(Object.entries(labels).sort());
    return { sample, set, place, bound: key === '+Inf' ? Infinity : Number(key) };
  });
  rows.sort((a, b) => (a.set < b.set ? -1 : a.set > b.set ? 1 : a.place - b.place || a.bound - b.bound));
  return rows.map(({ sample }) => sample);
}

/** Bucket counts from cumulative ones. If a client has an infinite bucket of the user's, it precedes the client's own. */
export function countsOf(cells: readonly number[], bounds: number): number[] {
  const counts = cells.slice(0, bounds + 1);
  counts[bounds] = cells.at(-1)!;
  for (let i = bounds; i > 0; i--) counts[i]! -= counts[i - 1]!;
  return counts;
}
