import { writtenLabel } from '../../metric/escape.ts';
import type { Metric } from '../../metric/metric.ts';
import type { Alert } from '../../metric/views.ts';
import type { AlertCase } from '../declared.ts';
import { is } from '../selector.ts';
import { levelOf, type SeriesLabels } from './level.ts';
import { type Scope, targetIn } from './scope.ts';

/** An alert that a metric's declaration asks for. */
export interface Asked {
  readonly scope: Scope;
  readonly metric: Metric;
  readonly alert: Alert;
}

/** What becomes of its condition. */
export interface Rule {
  readonly expr: string;
  /** Fires with `level`, unless that is absent. */
  readonly cases: readonly (Omit<AlertCase, 'fires'> & { readonly level?: number })[];
}

/** Labels of the result. */
export const keptOf = ({ labels }: Metric, { by }: Alert): string[] =>
  labels.flatMap(({ name }) => (by === undefined || by.includes(name) ? [name] : []));

/** Matchers of the series that an alert is about, as far as the metric has these labels. */
export function matchersOf({ scope, alert }: Asked, { labels }: Metric): string[] {
  const only = Object.entries(alert.only ?? {}).filter(([label]) => labels.some(({ name }) => name === label));
  return [scope.matcher, ...only.map(([label, value]) => is(label, value))];
}

/** The level of the alert's metric, or of another; by its new name or its old one. */
export function levelExpr(asked: Asked, metric: Metric): string {
  const kept = keptOf(metric, asked.alert);
  const dropped = metric.labels.map(({ name }) => name).filter((name) => !kept.includes(name));
  const sum = (expr: string): string => (dropped.length === 0 ? expr : `sum ${listOf('without', dropped)} (${expr})`);
  const { expr } = levelOf(metric);
  return eitherOf(asked.scope.names(metric).map((name) => expr(name, matchersOf(asked, metric), sum)));
}

/** Labels of a series in tests. */
export const seriesLabels = ({ scope, alert }: Asked, { labels }: Metric): SeriesLabels => ({
  ...targetIn(scope),
  ...Object.fromEntries(
    labels.map(({ name, values }) => [name, alert.only?.[name] ?? values?.[0] ?? `some ${name}`] as const),
  ),
});

/** Labels of the alert in tests. */
export function firingLabels(asked: Asked): SeriesLabels {
  const kept = [...Object.keys(targetIn(asked.scope)), ...keptOf(asked.metric, asked.alert)];
  return Object.fromEntries(Object.entries(seriesLabels(asked, asked.metric)).filter(([name]) => kept.includes(name)));
}

export const eitherOf = (all: readonly string[]): string => (all.length === 1 ? all[0]! : `(${all.join(' or ')})`);

/** `without (a, b)`. */
export const listOf = (word: string, labels: readonly string[]): string =>
  `${word} (${labels.map(writtenLabel).join(', ')})`;
