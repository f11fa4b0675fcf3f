import type { Metric } from '../../metric/metric.ts';

/** Whether what a writer's `set` got begins with labels: a caller whose list of labels is empty passes `{}`. */
export function beginsWithLabels({ kind, labels }: Metric, args: readonly unknown[]): boolean {
  return labels.length > 0 || (args.length > (kind === 'info' ? 0 : 1) && args[0] !== undefined);
}
