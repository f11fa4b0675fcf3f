import { checkLabelName, labelClash, labelNames } from '../metric/labels.ts';
import type { Collector } from './collector.ts';

/**
 * The same collector with labels added to every series, and to the verdict about it, so that it can be used twice. Both keep
 * its name and share its flag and settings. To read the same thing at several places, use a source and its targets.
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
    const isTaken = name === collector.source?.label || VERDICT_LABELS.includes(name);
    if (holder !== undefined || isTaken || name in collector.constLabels) {
      throw new TypeError(`${owner}: label "${name}" is already in use; choose another.`);
    }
  }
  return { ...collector, constLabels: { ...collector.constLabels, ...added } };
}

/** The collector with the labels of one of its source's targets on every series. They are checked with the source. */
export function ofTarget(collector: Collector, labels: { readonly [label: string]: string }): Collector {
  const constLabels = { ...collector.constLabels, ...labels };
  return Object.keys(labels).length === 0 ? collector : { ...collector, constLabels };
}

// Of the families about collectors.
const VERDICT_LABELS: readonly string[] = ['collector', 'reason'];

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

/** The collectors, renamed where prefixes make equal names unique. */
export function withUniqueNames(collectors: readonly Collector[]): readonly Collector[] {
  const prefixes = new Map<string, Set<string>>();
  for (const { name, prefix } of collectors) prefixes.set(name, (prefixes.get(name) ?? new Set()).add(prefix));
  return collectors.map((one) => {
    if (one.exactName === undefined || prefixes.get(one.name)!.size === 1) return one;
    // The same object each time: its samples and caches are kept by it.
    const other = renamed.get(one) ?? { ...one, name: one.exactName };
    renamed.set(one, other);
    return other;
  });
}

/** One collector of each name: those that share a name share a flag and settings. */
export function oneOfEachName(collectors: readonly Collector[]): readonly Collector[] {
  return [...new Map(collectors.map((one) => [one.name, one])).values()];
}
