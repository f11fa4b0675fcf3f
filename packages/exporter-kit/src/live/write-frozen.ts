import type { Frozen, FrozenFamily } from '../collect/store/frozen.ts';
import { nativeOfCounts } from '../collect/store/native/buckets.ts';
import type { Metric } from '../metric/metric.ts';

type AnyWriter = { set(...args: readonly unknown[]): void };

/**
 * Writes a feed's rows as a collector writes samples, for another version of the kit, or a worker thread, with what comes
 * beside the numbers: exemplars, starts, native buckets.
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
  const { metric, ids } = family;
  const names = metric.labels.map(({ name }) => name);
  for (let row = 0; row < ids.length; row++) {
    if (ids[row] === 0) continue;
    const texts = family.labelsOf(row);
    const labels = Object.fromEntries(names.map((name, i) => [name, texts[i]]));
    writer.set(labels, ...valueArgs(family, row));
  }
}

/** What a writer's `set` takes after the labels. */
function valueArgs({ metric, vals, cells, exemplars, starts, nativeOf }: FrozenFamily, row: number): unknown[] {
  const from = row * cells;
  const startMs = starts !== undefined && starts[row]! > 0 ? starts[row] : undefined;
  switch (metric.kind) {
    case 'info':
      return [];
    case 'stateset':
      return [metric.states[vals[from]!]];
    case 'histogram': {
      const last = from + cells - 1;
      const sum = vals[last]!;
      const native = nativeOf && nativeOfCounts(nativeOf(row), sum);
      return [{ counts: Array.from(vals.subarray(from, last)), sum, native }, exemplars?.slice(from, last), startMs];
    }
    default:
      return [vals[from], exemplars?.[row], startMs];
  }
}
