import { canonical } from '../../metric/canonical.ts';
import type { Metric } from '../../metric/metric.ts';

/** Numbers a row holds: a histogram's buckets and `+Inf` and sum, a summary's quantiles and sum and count, else one. */
export function cellsOf(metric: Metric): number {
  if (metric.kind === 'histogram') return metric.buckets.length + 2;
  if (metric.kind === 'summary') return metric.quantiles.length + 2;
  return 1;
}

/** One of the lines that a row is written as. */
export interface LineShape {
  /** What the line's name has after the metric's. */
  readonly ending: string;
  /** The value of the label that the type writes itself, such as `le`; absent where the line has none. */
  readonly own?: string;
}

/** The lines of a row. */
export function linesOf({ kind, buckets, quantiles, states }: Metric): readonly LineShape[] {
  const sums = [{ ending: '_sum' }, { ending: '_count' }];
  switch (kind) {
    case 'histogram':
      return [...[...buckets.map(canonical), '+Inf'].map((le) => ({ ending: '_bucket', own: le })), ...sums];
    case 'summary':
      return [...quantiles.map((quantile) => ({ ending: '', own: canonical(quantile) })), ...sums];
    case 'stateset':
      return states.map((state) => ({ ending: '', own: state }));
    default:
      return [{ ending: '' }];
  }
}
