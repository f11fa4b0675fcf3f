import { isBucketed, type Metric } from '../../metric/metric.ts';

/** Numbers that a value of this metric is sent as. */
export function cellsSent({ kind, buckets, quantiles }: Metric): number {
  if (kind === 'info') return 0;
  if (isBucketed(kind)) return buckets.length + 2;
  return kind === 'summary' ? quantiles.length + 2 : 1;
}

/**
 * Appends a value's numbers. `false`, perhaps after some of them, if the value does not fit the metric, or has native buckets.
 */
export function pushCells({ kind, buckets, quantiles, states }: Metric, value: unknown, cells: number[]): boolean {
  switch (kind) {
    case 'info':
      return true;
    case 'histogram':
    case 'gaugehistogram': {
      const { counts, sum, native } = (value ?? {}) as { counts?: unknown; sum?: unknown; native?: unknown };
      return native === undefined && pushList(counts, buckets.length + 1, cells) && push(sum, cells);
    }
    case 'summary': {
      const { quantiles: list, sum, count } = (value ?? {}) as { quantiles?: unknown; sum?: unknown; count?: unknown };
      return pushList(list, quantiles.length, cells) && push(sum, cells) && push(count, cells);
    }
    case 'stateset':
      cells.push(states.indexOf(value as string));
      return cells.at(-1)! >= 0;
    default:
      return push(value, cells);
  }
}

/** Reads a value whose numbers start at `at`. */
export function readCells({ kind, buckets, quantiles, states }: Metric, cells: Float64Array, at: number): unknown {
  switch (kind) {
    case 'info':
      return undefined;
    case 'histogram':
    case 'gaugehistogram': {
      const end = at + buckets.length + 1;
      return { counts: Array.from(cells.subarray(at, end)), sum: cells[end] };
    }
    case 'summary': {
      const end = at + quantiles.length;
      return { quantiles: Array.from(cells.subarray(at, end)), sum: cells[end], count: cells[end + 1] };
    }
    case 'stateset':
      return states[cells[at]!];
    default:
      return cells[at];
  }
}

function push(value: unknown, cells: number[]): boolean {
  if (typeof value !== 'number') return false;
  cells.push(value);
  return true;
}

function pushList(list: unknown, wanted: number, cells: number[]): boolean {
  if (!Array.isArray(list) || list.length !== wanted) return false;
  for (let i = 0; i < wanted; i++) if (!push(list[i], cells)) return false;
  return true;
}
