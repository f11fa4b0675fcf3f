import type { Metric } from '../../metric/metric.ts';

/** Numbers a row holds: a histogram's buckets and `+Inf` and sum, a summary's quantiles and sum and count, else one. */
export function cellsOf(metric: Metric): number {
  if (metric.kind === 'histogram') return metric.buckets.length + 2;
  if (metric.kind === 'summary') return metric.quantiles.length + 2;
  return 1;
}

/** Lines a row is written as. */
export function linesOf(metric: Metric): number {
  if (metric.kind === 'histogram') return metric.buckets.length + 3;
  if (metric.kind === 'summary') return metric.quantiles.length + 2;
  if (metric.kind === 'stateset') return metric.states.length;
  return 1;
}
