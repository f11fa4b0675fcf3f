import { checkLabelName, labelClash } from '../metric/labels.ts';
import { labelNames } from '../metric/own-label.ts';
import type { Collector } from './collector.ts';

/**
 * The same collector with labels added to every series, so that it can be used twice. Its name gets the values:
 * `queues` with `{ broker: 'eu' }` becomes `queues_eu`.
 *
 * @example
 * collectors: [withLabels(queues(eu), { broker: 'eu' }), withLabels(queues(us), { broker: 'us' })]
 * @throws TypeError for a label that is not one, or that a metric of the collector has already.
 */
export function withLabels(collector: Collector, labels: { readonly [label: string]: string }): Collector {
  const owner = `withLabels(${collector.name})`;
  for (const name of Object.keys(labels)) {
    checkLabelName(name, owner);
    const holder = Object.values(collector.metrics).find(
      (metric) => labelClash([...labelNames(metric), name]) !== undefined,
    );
    if (holder !== undefined || name in collector.constLabels) {
      throw new TypeError(`${owner}: label "${name}" is there already; choose another.`);
    }
  }
  const suffix = Object.values(labels).map(word).join('_');
  return { ...collector, name: `${collector.name}_${suffix}`, constLabels: { ...collector.constLabels, ...labels } };
}

/**
 * The same collector with every family's name prefixed; its own name too.
 *
 * @example
 * collectors: [queues(eu), withPrefix(queues(us), 'us_')]
 * @throws TypeError for a prefix no metric name can begin with.
 */
export function withPrefix(collector: Collector, prefix: string): Collector {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(prefix)) {
    throw new TypeError(
      `withPrefix(${collector.name}): ${JSON.stringify(prefix)} can't begin a metric name; use letters, digits and "_".`,
    );
  }
  return { ...collector, name: `${word(prefix)}${collector.name}`, prefix: prefix + collector.prefix };
}

const word = (text: string): string => text.toLowerCase().replace(/[^a-z0-9_]+/g, '_');
