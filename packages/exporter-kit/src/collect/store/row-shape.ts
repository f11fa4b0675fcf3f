import { canonical } from '../../metric/canonical.ts';
import { isBucketed, type Metric } from '../../metric/metric.ts';

/** Numbers per row: a histogram's buckets, `+Inf` and sum; a summary's quantiles, sum and count; otherwise one. */
export function cellsOf(metric: Metric): number {
  if (isBucketed(metric.kind)) return metric.buckets.length + 2;
  if (metric.kind === 'summary') return metric.quantiles.length + 2;
  return 1;
}

/** Number of {@link lineShapes}. */
export function linesOf({ kind, buckets, quantiles, states }: Metric): number {
  switch (kind) {
    case 'histogram':
    case 'gaugehistogram':
      return buckets.length + 3;
    case 'summary':
      return quantiles.length + 2;
    case 'stateset':
      return states.length;
    default:
      return 1;
  }
}

/** Line heads per row: one for each line, or one for all lines of a histogram. */
export function headsOf(metric: Metric): number {
  return isBucketed(metric.kind) ? 1 : linesOf(metric);
}

/** One of a row's lines. */
export interface LineShape {
  /** Suffix of the metric's name. */
  readonly ending: string;
  /** The value of the label that the type writes, such as `le`; absent if the line has none. */
  readonly own?: string;
}

/** A row's lines. */
export function lineShapes({ kind, buckets, quantiles, states }: Metric): readonly LineShape[] {
  const sums = kind === 'gaugehistogram' ? ['_gsum', '_gcount'] : ['_sum', '_count'];
  const ends = sums.map((ending) => ({ ending }));
  switch (kind) {
    case 'histogram':
    case 'gaugehistogram':
      return [...[...buckets.map(canonical), '+Inf'].map((le) => ({ ending: '_bucket', own: le })), ...ends];
    case 'summary':
      return [...quantiles.map((quantile) => ({ ending: '', own: canonical(quantile) })), ...ends];
    case 'stateset':
      return states.map((state) => ({ ending: '', own: state }));
    default:
      return [{ ending: '' }];
  }
}
