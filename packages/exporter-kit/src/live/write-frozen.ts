import type { Frozen, FrozenFamily } from '../collect/store/frozen.ts';
import type { Metric } from '../metric/metric.ts';

type AnyWriter = { set(...args: readonly unknown[]): void };

/**
 * Writes a feed's rows as a collector writes samples, for another version of the kit, or a worker thread: right in every
 * number.
 */
export function writeFrozen(
  { families }: Frozen,
  keys: ReadonlyMap<string, { readonly metric: Metric }>,
  writers: { readonly [key: string]: AnyWriter },
): void {
  for (const family of families) {
    for (const [key, { metric }] of keys) if (metric.name === family.metric.name) writeRows(family, writers[key]!);
  }
}

function writeRows(family: FrozenFamily, writer: AnyWriter): void {
  const { metric, ids, vals, cells } = family;
  const names = metric.labels.map(({ name }) => name);
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] === 0) continue;
    const texts = family.labelsOf(row);
    const labels = Object.fromEntries(names.map((name, i) => [name, texts[i]]));
    writer.set(...(names.length === 0 ? [] : [labels]), ...valueArgs(metric, vals, row * cells, cells));
  }
}

/** What a writer's `set` takes after the labels. */
function valueArgs({ kind, states }: Metric, vals: Float64Array, from: number, cells: number): unknown[] {
  if (kind === 'info') return [];
  if (kind === 'stateset') return [states[vals[from]!]];
  if (kind !== 'histogram') return [vals[from]];
  return [{ counts: Array.from(vals.subarray(from, from + cells - 1)), sum: vals[from + cells - 1] }];
}
