import type { Metric } from '../metric/metric.ts';

/** What tells the formats apart: how a family begins and how the whole ends. The lines between are the same. */
export interface Encoding {
  head(metric: Metric): string;
  readonly foot: string;
  /** Whether sums and quantiles that are negative or no number are left out, because the format forbids them. */
  readonly noNegatives: boolean;
}
