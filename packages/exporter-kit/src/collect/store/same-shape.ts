import type { Metric } from '../../metric/metric.ts';

/** What two declarations of one family differ in, or `undefined` when they may be written side by side. */
export function shapeDifference(a: Metric, b: Metric): string | undefined {
  if (a === b) return undefined;
  if (typeOf(a) !== typeOf(b)) return `type (${typeOf(a)}, ${typeOf(b)})`;
  if (a.lines !== b.lines) return 'buckets or quantiles';
  if (a.help !== b.help) return 'help';
  if (a.unit !== b.unit) return `unit (${a.unit || 'none'}, ${b.unit || 'none'})`;
  if (!same(labelNames(a), labelNames(b))) return `labels (${labelNames(a)}; ${labelNames(b)})`;
  if (!same(a.buckets, b.buckets)) return 'buckets';
  if (!same(a.quantiles, b.quantiles)) return 'quantiles';
  if (!same(a.states, b.states)) return 'states';
  return undefined;
}

const typeOf = ({ kind, lines }: Metric): string => lines ?? kind;

const labelNames = (metric: Metric): string[] => metric.labels.map((label) => label.name);

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
