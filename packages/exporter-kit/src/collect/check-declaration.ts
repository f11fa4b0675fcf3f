import { claimedNames } from '../metric/family-name.ts';
import type { Metrics } from './writers.ts';

const syntax = /^[a-z][a-z0-9_]*$/;

/** @throws TypeError when `name` could not be a flag, a file and a label value at once. */
export function checkRunName(what: string, name: string): void {
  if (typeof name !== 'string' || !syntax.test(name)) {
    throw new TypeError(
      `${what} ${JSON.stringify(name)}: a name has lower-case letters, digits and "_", and starts with a letter.`,
    );
  }
}

/** @throws TypeError when two of the metrics would corrupt each other, or a key is already taken. */
export function checkMetrics(owner: string, metrics: Metrics, takenKeys: readonly string[]): void {
  const claims = new Map<string, string>();
  for (const [key, metric] of Object.entries(metrics)) {
    if (takenKeys.includes(key))
      throw new TypeError(`${owner}: the key "${key}" is taken by the kit; call the metric something else.`);
    for (const name of claimedNames(metric)) {
      const other = claims.get(name);
      if (other !== undefined) {
        throw new TypeError(`${owner}: ${other} and ${metric.name} would both write "${name}"; rename one.`);
      }
      claims.set(name, metric.name);
    }
  }
}
