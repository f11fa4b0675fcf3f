import { escapeName, isLegacyName } from './escape.ts';
import type { Metric } from './metric.ts';

/** The OpenMetrics family name: a counter's without `_total`, an info's without `_info`. */
export function familyName(metric: Pick<Metric, 'kind' | 'name'>): string {
  if (metric.kind === 'counter') return metric.name.replace(/_total$/, '');
  if (metric.kind === 'info') return metric.name.replace(/_info$/, '');
  return metric.name;
}

/**
 * Every name a family takes for itself in any format, so that two families which would corrupt each other are found:
 * a gauge `x` beside a counter `x_total`, a gauge `h_count` beside a histogram `h`, a gauge `a.b` beside a gauge `a_b`.
 * Source: OpenMetrics 1.0, "MetricFamily".
 */
export function claimedNames(metric: Named): string[] {
  return escapedToo(metric, reservedNames);
}

/** The names that text 0.0.4 writes for a family. It reserves none, such as `x_created`. */
export function writtenNames(metric: Named): string[] {
  return escapedToo(metric, textNames);
}

type Named = Pick<Metric, 'kind' | 'name' | 'lines'>;

/** What collides under the escaping `dots` does so under `underscores`, so it needs no names of its own. */
function escapedToo(metric: Named, namesOf: (metric: Named) => string[]): string[] {
  const { name } = metric;
  if (isLegacyName(name)) return namesOf(metric);
  const escaped = (['underscores', 'values'] as const).map((escaping) => escapeName(name, escaping));
  return [...new Set([name, ...escaped].flatMap((one) => namesOf({ ...metric, name: one })))];
}

/** The names that text 0.0.4 writes, without those under other escapings. */
export function textNames({ kind, name, lines }: Named): string[] {
  switch (lines ?? kind) {
    case 'histogram':
      return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
    case 'summary':
      return [name, `${name}_count`, `${name}_sum`];
    default:
      return [name];
  }
}

/** The names that OpenMetrics lets nobody else have, without those under other escapings. */
export function reservedNames(metric: Named): string[] {
  const { kind, name, lines = kind } = metric;
  const family = familyName(metric);
  if (lines === 'histogram' || lines === 'summary') return [...textNames(metric), `${name}_created`];
  if (family === name) return [name];
  return kind === 'counter' ? [name, family, `${family}_created`] : [name, family];
}
