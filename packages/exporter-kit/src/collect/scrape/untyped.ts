import { type Escaping, escapeName, escapings, isLegacyName } from '../../metric/escape.ts';
import { reservedNames, textNames } from '../../metric/family.ts';
import type { Metric } from '../../metric/metric.ts';

/** For a family that keeps its type in OpenMetrics. */
export const NO_ESCAPINGS: readonly Escaping[] = [];

/**
 * Families that lose their type in OpenMetrics because they reserve a name that another family writes, such as a counter
 * `x_total` beside a gauge `x_created`; with the escapings under which they do.
 */
export function untypedInOpenMetrics(metrics: readonly Metric[]): ReadonlyMap<Metric, readonly Escaping[]> {
  const untyped = new Map<Metric, readonly Escaping[]>();
  if (metrics.every(({ name }) => isLegacyName(name))) {
    for (const metric of untypedUnder('allow-utf-8', metrics)) untyped.set(metric, escapings);
    return untyped;
  }
  for (const escaping of escapings) {
    for (const metric of untypedUnder(escaping, metrics)) {
      untyped.set(metric, [...(untyped.get(metric) ?? NO_ESCAPINGS), escaping]);
    }
  }
  return untyped;
}

function untypedUnder(escaping: Escaping, metrics: readonly Metric[]): Metric[] {
  const owners = new Map<string, Metric>();
  const escaped = metrics.map((metric) => ({ metric, names: { ...metric, name: escapeName(metric.name, escaping) } }));
  for (const { metric, names } of escaped) for (const name of textNames(names)) owners.set(name, metric);
  return escaped.flatMap(({ metric, names }) => {
    const reserved = reservedNames(names);
    if (reserved.some((name) => (owners.get(name) ?? metric) !== metric)) return [metric];
    for (const name of reserved) owners.set(name, metric);
    return [];
  });
}
