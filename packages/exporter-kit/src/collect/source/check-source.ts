import { property } from '../../errors/thrown.ts';
import { checkLabelName, labelClash, labelNames } from '../../metric/labels.ts';
import { LONGEST_TIMER_MS } from '../../time/duration.ts';
import { checkRunName } from '../check-declaration.ts';
import type { Metrics } from '../writers.ts';
import type { Source } from './source.ts';

/** @throws TypeError for what is wrong with a source by itself, naming it. */
export function checkSource({ name, up, label, config, target, openTimeoutMs, open, read, close }: Source): void {
  checkRunName('source', name);
  const owner = `source ${name}`;
  if (typeof read !== 'function')
    throw new TypeError(`${owner}: read is missing; it asks the target, and is its check.`);
  if ((open === undefined) !== (close === undefined)) {
    throw new TypeError(`${owner}: ${open ? 'close' : 'open'} is missing; what is opened must be closed.`);
  }
  if (up?.kind !== 'gauge' || up.labels.length > 0) {
    throw new TypeError(`${owner}: up must be a gauge without labels; the kit adds the target's.`);
  }
  checkLabelName(label, owner);
  if (RESERVED_LABELS.includes(label)) {
    throw new TypeError(`${owner}: the label "${label}" is used by the kit or Prometheus; choose another.`);
  }
  if (!(openTimeoutMs > 0 && openTimeoutMs <= LONGEST_TIMER_MS)) {
    throw new TypeError(`${owner}: openTimeoutMs is ${openTimeoutMs}; give milliseconds, up to 24 days.`);
  }
  const keys = property(config, 'shape');
  if (property(keys, 'targets') !== undefined) {
    throw new TypeError(`${owner}: the setting "targets" is the kit's list of named targets; rename it.`);
  }
  if (target !== undefined && typeof keys === 'object' && property(keys, target) === undefined) {
    throw new TypeError(`${owner}: target names the setting "${target}", which config does not have.`);
  }
}

/** @throws TypeError when a collector's metric has the label that tells the targets of its source apart. */
export function checkTargetLabel(source: Pick<Source, 'name' | 'label'>, collector: string, metrics: Metrics): void {
  for (const metric of Object.values(metrics)) {
    if (labelClash([...labelNames(metric), source.label]) === undefined) continue;
    throw new TypeError(
      `collector ${collector}: ${metric.name} has the label "${source.label}", which tells the targets of source ${source.name} apart; rename one.`,
    );
  }
}

// Of the families about collectors and sources, and those that Prometheus sets on every series.
const RESERVED_LABELS: readonly string[] = ['collector', 'source', 'stage', 'reason', 'job', 'instance'];
