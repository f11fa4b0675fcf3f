import type { Metric } from './metric.ts';

/** The label that a metric's type writes itself: `le`, `quantile`, or a stateset's own name. */
export function ownLabel({ kind, name }: Pick<Metric, 'kind' | 'name'>): string | undefined {
  if (kind === 'histogram') return 'le';
  if (kind === 'summary') return 'quantile';
  return kind === 'stateset' ? name : undefined;
}

/** The names of all labels in its lines: those of its collector, its own, and the one that its type writes itself. */
export function labelNames(metric: Pick<Metric, 'kind' | 'name' | 'labels'>, constLabels: object = {}): string[] {
  const own = ownLabel(metric);
  const names = [...Object.keys(constLabels), ...metric.labels.map(({ name }) => name).filter((name) => name !== '')];
  return own === undefined ? names : [...names, own];
}
