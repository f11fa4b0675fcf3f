import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { type DropReason, type Drops, drop } from './drops.ts';

/** Drops samples of one metric, in words that name the series and what to do. */
export interface Refusals {
  sample(labels: LabelRecord, reason: DropReason, why: string): void;
  value(labels: LabelRecord, value: unknown): void;
  duplicate(labels: LabelRecord): void;
  overBudget(labels: LabelRecord): void;
  noLabels(given: unknown): void;
}

export function refusals(metric: Metric, drops: Drops): Refusals {
  const sample: Refusals['sample'] = (labels, reason, why) =>
    drop(drops, reason, () => `${metric.name}${labels?.[''] ?? ''}${describe(labels)}: ${why}`);
  return {
    sample,
    value(labels, value) {
      const wanted = metric.kind === 'counter' ? 'a counter is a number of 0 or more' : 'a number is wanted';
      const given = typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value;
      sample(labels, 'invalid_value', `${wanted}, not ${given}.`);
    },
    duplicate(labels) {
      sample(labels, 'duplicate', 'was written twice in one run; write each series once.');
    },
    overBudget(labels) {
      const why = 'is one series more than its collector may write; raise maxSeries or write fewer.';
      sample(labels, 'over_budget', why);
    },
    noLabels(given) {
      const what = given === null ? 'null' : typeof given;
      sample({}, 'invalid_label', `labels are wanted as an object, not ${what}.`);
    },
  };
}

function describe(labels: LabelRecord): string {
  // Plain JavaScript may leave them away.
  const entries = Object.entries(labels ?? {})
    .filter(([name]) => name !== '')
    .slice(0, 16);
  if (entries.length === 0) return '';
  return `{${entries.map(([name, value]) => `${name}=${JSON.stringify(String(value)).slice(0, 80)}`).join(',')}}`;
}
