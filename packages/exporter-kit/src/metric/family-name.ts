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
 * What collides under the escaping `dots` does so under `underscores`, so it needs no names of its own.
 * Source: OpenMetrics 1.0, "MetricFamily".
 */
export function claimedNames({ kind, name }: Pick<Metric, 'kind' | 'name'>): string[] {
  const claimed = writtenNames({ kind, name });
  if (isLegacyName(name)) return claimed;
  const escaped = (['underscores', 'values'] as const).map((escaping) => escapeName(name, escaping));
  return [...new Set([...claimed, ...escaped.flatMap((one) => writtenNames({ kind, name: one }))])];
}

function writtenNames(metric: Pick<Metric, 'kind' | 'name'>): string[] {
  const { kind, name } = metric;
  const family = familyName(metric);
  switch (kind) {
    case 'counter':
      return family === name ? [name] : [name, family, `${family}_created`];
    case 'histogram':
      return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`, `${name}_created`];
    case 'summary':
      return [name, `${name}_count`, `${name}_sum`, `${name}_created`];
    case 'info':
      return family === name ? [name] : [name, family];
    default:
      return [name];
  }
}
