import { messageOf, textOf } from '../../errors/thrown.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import { type DropReason, type Drops, drop } from './drops.ts';

/** Drops samples of one metric, with messages that name the series and what to do. */
export class Refusals {
  readonly #metric: Metric;
  readonly #drops: Drops;

  constructor(metric: Metric, drops: Drops) {
    this.#metric = metric;
    this.#drops = drops;
  }

  sample(labels: LabelRecord, reason: DropReason, why: string): void {
    drop(this.#drops, reason, () => `${this.#metric.name}${describe(labels)}: ${why}`);
  }

  /** A value that came with labels; if these are none at all, as in `inc('pt', 'card')`, that is said. */
  value(labels: unknown, value: unknown, wanted: string = this.#wanted): void {
    if (labels === null || typeof labels !== 'object') {
      this.noLabels(labels);
      return;
    }
    const given = typeof value === 'number' ? value : typeof value === 'bigint' ? bigintText(value) : typeof value;
    this.sample(labels as LabelRecord, 'invalid_value', `${wanted}, not ${given}.`);
  }

  get #wanted(): string {
    return this.#metric.kind === 'counter' ? 'a counter must be a number of 0 or more' : 'the value must be a number';
  }

  duplicate(labels: LabelRecord): void {
    this.sample(labels, 'duplicate', 'was written twice in one run; write each series once.');
  }

  overBudget(labels: LabelRecord, limit: number): void {
    const why = `exceeds its collector's limit of ${limit} series; raise maxSeries or write fewer.`;
    this.sample(labels, 'over_budget', why);
  }

  // Written without the label, two series that differ only in it would become one.
  extra(labels: LabelRecord, name: string): void {
    const label = JSON.stringify(name.slice(0, 80));
    this.sample(labels, 'extra_label', `label ${label} is not declared; declare it or leave it out.`);
  }

  noLabels(given: unknown): void {
    const what = given === null ? 'null' : typeof given;
    this.sample({}, 'invalid_label', `labels must be an object, not ${what}.`);
  }

  /** For labels that throw when read. */
  unreadable(error: unknown): void {
    this.sample({}, 'invalid_label', `its labels can't be read: ${messageOf(error)}.`);
  }
}

const bigintText = (value: bigint): string => `${textOf(value).slice(0, 80)}n`;

/** A label's value in quotes, or the type of what can't be one. */
function labelOf(value: unknown): string {
  if (value !== null && /^(?:object|function|symbol)$/.test(typeof value)) return typeof value;
  return typeof value === 'bigint' ? bigintText(value) : JSON.stringify(textOf(value)).slice(0, 80);
}

function describe(labels: LabelRecord): string {
  const pairs: string[] = [];
  let ending = '';
  try {
    // Plain JavaScript may pass none.
    for (const [name, value] of Object.entries(labels ?? {}).slice(0, 16)) {
      if (name === '') ending = textOf(value);
      // '' there marks a label that the line does not have.
      else if (value !== '' || !Object.hasOwn(labels, '')) pairs.push(`${name.slice(0, 80)}=${labelOf(value)}`);
    }
  } catch {
    // A getter threw; the labels before it will do.
  }
  return pairs.length === 0 ? ending : `${ending}{${pairs.join(',')}}`;
}
