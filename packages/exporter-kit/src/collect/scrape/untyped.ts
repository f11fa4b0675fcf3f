import { type Escaping, escapeName, escapings, isLegacyName } from '../../metric/escape.ts';
import { reservedNames, textNames } from '../../metric/family-name.ts';
import type { Metric } from '../../metric/metric.ts';

/** For a family that OpenMetrics can have as it is. */
export const never: readonly Escaping[] = [];

/**
 * The families that OpenMetrics would not have beside others, as a counter `x_total` beside a gauge `x_created`, with the
 * escapings under which it is so. The one that merely reserves a name gives way to the one that writes it.
 */
export function untypedOf(metrics: readonly Metric[]): ReadonlyMap<Metric, readonly Escaping[]> {
  const untyped = new Map<Metric, readonly Escaping[]>();
  if (metrics.every(({ name }) => isLegacyName(name))) {
    for (const metric of untypedUnder('allow-utf-8', metrics)) untyped.set(metric, escapings);
    return untyped;
  }
  for (const escaping of escapings) {
    for (const metric of untypedUnder(escaping, metrics)) {
      untyped.set(metric, [...(untyped.get(metric) ?? never), escaping]);
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
