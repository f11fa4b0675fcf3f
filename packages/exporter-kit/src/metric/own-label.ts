import type { Metric } from './metric.ts';

/** The label written by the metric's type: `le`, `quantile`, or a stateset's name. */
export function ownLabel({ kind, name }: Pick<Metric, 'kind' | 'name'>): string | undefined {
  if (kind === 'histogram') return 'le';
  if (kind === 'summary') return 'quantile';
  return kind === 'stateset' ? name : undefined;
}

/** All label names in a metric's lines: the collector's, the declared ones, and the type's. */
export function labelNames(metric: Pick<Metric, 'kind' | 'name' | 'labels'>, constLabels: object = {}): string[] {
  const own = ownLabel(metric);
  const names = [...Object.keys(constLabels), ...metric.labels.map(({ name }) => name).filter((name) => name !== '')];
  return own === undefined ? names : [...names, own];
}
