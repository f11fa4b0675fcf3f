import { claimedNames } from '../metric/family.ts';
import type { Metric } from '../metric/metric.ts';
import { newNameOf, underBothNames } from '../metric/renamed.ts';
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

/** @throws TypeError if two of the metrics would write the same name, or a key is reserved. */
export function checkMetrics(owner: string, metrics: Metrics, takenKeys: readonly string[]): void {
  const claims = new Map<string, string>();
  for (const [key, declared] of Object.entries(metrics)) {
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
