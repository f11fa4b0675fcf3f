import type { Metric } from '../../metric/metric.ts';

/** A metric as panels ask for it. */
export interface Drawn extends Metric {
  /** Its deprecated name, asked where the new one has no samples. */
  readonly formerly?: string;
}

/** Metrics under their new names; one that has a deprecated name too is drawn once. */
export function drawnOf(metrics: readonly Metric[]): Drawn[] {
  const replacedBy = ({ views }: Metric): string | undefined => views?.deprecated?.replacedBy;
  const names = new Set(metrics.map(({ name }) => name));
  return metrics.flatMap((metric): Drawn[] => {
    const newName = replacedBy(metric);
    if (newName === undefined) {
      const formerly = metrics.find((other) => replacedBy(other) === metric.name)?.name;
      return [formerly === undefined ? metric : { ...metric, formerly }];
    }
    return names.has(newName) ? [] : [{ ...metric, name: newName, formerly: metric.name }];
  });
}

/** The declarations behind them, each family once. */
export function declaredAs(drawn: readonly Drawn[], declared: readonly Metric[]): Metric[] {
  const names = new Set(drawn.flatMap(({ name, formerly = name }) => [name, formerly]));
  const families = declared.filter(({ name }) => names.has(name)).map((metric) => [metric.name, metric] as const);
  return [...new Map(families).values()];
}
