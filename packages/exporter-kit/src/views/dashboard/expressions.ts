import type { Metric } from '../../metric/metric.ts';
import { by, selector } from '../selector.ts';
import type { Drawn } from './drawn.ts';

/** Most series of a panel. */
export const TOP = 20;

/** What a user chooses in the dashboard's variables. */
export const chosen: readonly string[] = ['job=~"$job"', 'instance=~"$instance"'];

/** Series of `name`, of the chosen jobs and instances. */
export const series = (name: string, ...more: readonly string[]): string => selector(name, ...chosen, ...more);

/** Increase per second. */
export const rate = (selected: string): string => `rate(${selected}[$__rate_interval])`;

/**
 * The series that were highest, or lowest, over the time range shown. `topk` alone would choose others at each step, and
 * draw all that ever were among them.
 */
export function highest(expr: string, whole: string, isLowest = false): string {
  return `${expr} and ${isLowest ? 'bottomk' : 'topk'}(${TOP}, ${whole})`;
}

/** Over the whole time range, as one value. */
export const overRange = (name: 'rate' | 'max_over_time' | 'min_over_time', selected: string): string =>
  `${name}(${selected}[$__range] @ end())`;

/** `sum by (a, b) (expr)`; without labels, `sum(expr)`. */
export const sum = (expr: string, labels: readonly string[] = []): string =>
  labels.length === 0 ? `sum(${expr})` : `sum ${by(labels)} (${expr})`;

/** The expression for a metric; of one that had another name, for that where the new one has no samples. */
export function forNames({ name, formerly }: Drawn, expr: (name: string) => string, or = ' or '): string {
  return (formerly === undefined ? [name] : [name, formerly]).map(expr).join(or);
}

/** Labels to add up by: all of them, if each declares its values and that makes few series; else `undefined`. */
export function fewLabels({ labels }: Metric): readonly string[] | undefined {
  if (labels.length === 0) return undefined;
  const count = labels.reduce((product, { values }) => product * (values?.length ?? Infinity), 1);
  return count <= TOP ? labels.map(({ name }) => name) : undefined;
}

/** Names a series by instance and labels. */
export function legendOf(labels: readonly string[], withInstance = true): string {
  return [...(withInstance ? ['instance'] : []), ...labels].map((name) => `{{${name}}}`).join(' ');
}
