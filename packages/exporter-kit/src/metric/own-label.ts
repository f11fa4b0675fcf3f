import type { Metric } from './metric.ts';

/** The label that a metric's type writes itself: `le`, `quantile`, or a stateset's own name. */
export function ownLabel({ kind, name }: Pick<Metric, 'kind' | 'name'>): string | undefined {
  if (kind === 'histogram') return 'le';
  if (kind === 'summary') return 'quantile';
  return kind === 'stateset' ? name : undefined;
}
