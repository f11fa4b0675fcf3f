import { claimedNames } from '../metric/family.ts';
import type { Metric } from '../metric/metric.ts';
import { newNameOf, underBothNames } from '../metric/renamed.ts';
import type { Collector } from './collector.ts';
import type { Metrics } from './writers.ts';

const syntax = /^[a-z][a-z0-9_]*$/;

/** @throws TypeError if `name` can't be a flag, a file name and a label value alike. */
export function checkRunName(what: string, name: string): void {
  if (typeof name !== 'string' || !syntax.test(name)) {
    throw new TypeError(
      `${what} ${JSON.stringify(name)}: a name has lower-case letters, digits and "_", and starts with a letter.`,
    );
  }
}

/** @throws TypeError if one is no metric, if two would write the same name, or if a key is reserved. */
export function checkMetrics(owner: string, metrics: Metrics, takenKeys: readonly string[]): void {
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    throw new TypeError(`${owner}: metrics must be an object, such as { orders: counter({ name: … }) }.`);
  }
  const claims = new Map<string, string>();
  for (const [key, declared] of Object.entries(metrics)) {
    if (!isMetric(declared)) {
      throw new TypeError(`${owner}: "${key}" is no metric; declare it by counter(), gauge(), histogram() or another.`);
    }
    if (takenKeys.includes(key)) throw new TypeError(`${owner}: the key "${key}" is reserved by the kit; rename it.`);
    for (const metric of underBothNames(declared)) claim(metric, metric === declared ? metric.name : said(declared));
  }

  function claim(metric: Metric, title: string): void {
    for (const name of claimedNames(metric)) {
      const other = claims.get(name);
      if (other !== undefined) {
        throw new TypeError(`${owner}: ${other} and ${title} would both write "${name}"; rename one.`);
      }
      claims.set(name, title);
    }
  }
}

/** A deprecated metric, where its new name matters. */
const said = (metric: Metric): string => `${metric.name}, replaced by ${newNameOf(metric)},`;

const isMetric = (one: Partial<Metric> | null | undefined): boolean =>
  typeof one?.kind === 'string' && Array.isArray(one.labels);

/** @throws TypeError if one is no collector. */
export function checkCollectors(owner: string, collectors: readonly Collector[]): void {
  if (!Array.isArray(collectors)) throw new TypeError(`${owner}: collectors must be a list.`);
  for (const [i, one] of collectors.entries()) {
    if (isCollector(one)) continue;
    // As live(), httpServer() and httpClient() return it.
    const what = isCollector((one as { readonly collector?: unknown } | undefined)?.collector)
      ? 'counts, and has a collector; give that: `.collector`.'
      : 'is no collector; make it by collector(), or give the `.collector` of what counts.';
    throw new TypeError(`${owner}: collectors[${i}] ${what}`);
  }
}

function isCollector(one: unknown): boolean {
  const { metrics, collect } = (one ?? {}) as Partial<Collector>;
  return typeof metrics === 'object' && typeof collect === 'function';
}
