import { checkLabelName, labelClash, labelNames } from '../metric/labels.ts';
import type { Collector } from './collector.ts';

/**
 * The same collector with labels added to every series, so that it can be used twice. The values are added to its name:
 * `queues` with `{ broker: 'eu' }` becomes `queues_eu`. If two names are then equal, as with `eu-1` and `eu_1`, other
 * characters are spelled out: `queues_eu_2d_1`, `queues_eu__1`.
 *
 * @example
 * collectors: [withLabels(queues(eu), { broker: 'eu' }), withLabels(queues(us), { broker: 'us' })]
 * @throws TypeError for an invalid label name, or one already in use.
 */
export function withLabels(collector: Collector, labels: { readonly [label: string]: string }): Collector {
  const owner = `withLabels(${collector.name})`;
  const added = { ...labels };
  for (const [name, value] of Object.entries(added)) {
    checkLabelName(name, owner);
    if (typeof value !== 'string') throw new TypeError(`${owner}: the value of "${name}" must be a string.`);
    const holder = Object.values(collector.metrics).find(
      (metric) => labelClash([...labelNames(metric), name]) !== undefined,
    );
    if (holder !== undefined || name in collector.constLabels) {
      throw new TypeError(`${owner}: label "${name}" is already in use; choose another.`);
    }
  }
  const values = Object.values(added);
  const { name, exactName = name, constLabels } = collector;
  return {
    ...collector,
    name: [name, ...values.map(word)].join('_'),
    exactName: [exactName, ...values.map(spelled)].join('_'),
    constLabels: { ...constLabels, ...added },
  };
}

/**
 * The same collector with a prefix before every family's name and its own.
 *
 * @example
 * collectors: [queues(eu), withPrefix(queues(us), 'us_')]
 * @throws TypeError for an invalid prefix.
 */
export function withPrefix(collector: Collector, prefix: string): Collector {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    throw new TypeError(
      `withPrefix(${collector.name}): ${JSON.stringify(prefix)} is not a valid metric-name prefix; use letters, digits and "_".`,
    );
  }
  const { name, exactName = name } = collector;
  return {
    ...collector,
    name: `${word(prefix)}${name}`,
    exactName: `${spelled(prefix)}${exactName}`,
    prefix: prefix + collector.prefix,
  };
}

const word = (text: string): string => text.toLowerCase().replace(/[^a-z0-9_]+/g, '_');

/** As part of a name: unique for each text. */
const spelled = (text: string): string =>
  text.replace(/[^a-z0-9]/gu, (char) => (char === '_' ? '__' : `_${char.codePointAt(0)!.toString(16)}_`));

const renamed = new WeakMap<Collector, Collector>();

/** The collectors, renamed where labels and prefixes make equal names unique. */
export function withUniqueNames(collectors: readonly Collector[]): readonly Collector[] {
  const counts = new Map<string, number>();
  for (const { name } of collectors) counts.set(name, (counts.get(name) ?? 0) + 1);
  return collectors.map((one) => {
    if (one.exactName === undefined || counts.get(one.name) === 1) return one;
    // The same object each time: its samples and caches are kept by it.
    const other = renamed.get(one) ?? { ...one, name: one.exactName };
    renamed.set(one, other);
    return other;
  });
}
