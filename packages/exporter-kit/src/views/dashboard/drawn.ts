import type { Metric } from '../../metric/metric.ts';
import { newNameOf } from '../../metric/renamed.ts';

/** A metric as panels ask for it. */
export interface Drawn extends Metric {
  /** Its deprecated name, asked where the new one has no samples. */
  readonly formerly?: string;
}

/** Metrics under their new names; each is drawn once. */
export function drawnOf(metrics: readonly Metric[]): Drawn[] {
  const formerly = new Map(metrics.map((metric) => [newNameOf(metric), metric.name]));
  return metrics.flatMap((metric): Drawn[] => {
    if (newNameOf(metric) !== undefined) return [];
    const old = formerly.get(metric.name);
    return [old === undefined ? metric : { ...metric, formerly: old }];
  });
}

/** The declarations behind them, each family once. */
export function declaredAs(drawn: readonly Drawn[], declared: readonly Metric[]): Metric[] {
  const names = new Set(drawn.flatMap(({ name, formerly = name }) => [name, formerly]));
  const families = declared.filter(({ name }) => names.has(name)).map((metric) => [metric.name, metric] as const);
  return [...new Map(families).values()];
}
