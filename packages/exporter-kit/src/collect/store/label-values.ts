import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Refusals } from './refusals.ts';

/** Longer label values are refused: no scraper is glad of them. */
const LONGEST_VALUE = 4096;

/** As the label is written; lone surrogates, which UTF-8 can't hold, become U+FFFD. `undefined` for what can't be a label. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

/** Labels by name, whatever the names are. */
export function labelRecord(
  names: readonly string[],
  valueAt: (i: number) => string,
): { readonly [label: string]: string } {
  const labels: { [label: string]: string } = Object.create(null);
  for (let i = 0; i < names.length; i++) labels[names[i]!] = valueAt(i);
  return labels;
}

/** The text of each label, in the order of `names`; `undefined` when one was refused. */
export function valuesOf(labels: LabelRecord, names: readonly string[], refused: Refusals): string[] | undefined {
  const values = new Array<string>(names.length);
  for (let i = 0; i < names.length; i++) {
    const value = labelText(labels, names[i]!, refused);
    if (value === undefined) return undefined;
    values[i] = value;
  }
  return values;
}

function labelText(labels: LabelRecord, name: string, refused: Refusals): string | undefined {
  const value: unknown = Object.hasOwn(labels, name) ? labels[name] : undefined;
  const label = `label ${JSON.stringify(name)}`;
  if (value === undefined) {
    refused.sample(labels, 'missing_label', `${label} is missing.`);
    return undefined;
  }
  const text = textOf(value);
  if (text === undefined) {
    const given = value === null ? 'null' : typeof value;
    refused.sample(labels, 'invalid_label', `${label} wants a string, number or boolean, not ${given}.`);
    return undefined;
  }
  if (text.length > LONGEST_VALUE) {
    refused.sample(labels, 'long_label', `${label} is longer than ${LONGEST_VALUE} characters; shorten it.`);
    return undefined;
  }
  return text;
}

/** TypeScript lets a wider variable through: the label too many is left away, counted. */
export function checkExtra(labels: LabelRecord, declared: readonly string[], refused: Refusals): void {
  for (const name in labels) {
    if (declared.includes(name)) continue;
    const why = `label ${JSON.stringify(name)} is not declared; declare it or leave it out.`;
    refused.sample(labels, 'extra_label', why);
  }
}

/** Whether each label has one of the values that its declaration names, if it names any. */
export function areAllowed(texts: LabelRecord, metric: Metric, refused: Refusals): boolean {
  for (const { name, values } of metric.labels) {
    if (values === undefined || values.includes(texts[name] as string)) continue;
    refused.sample(texts, 'invalid_label', `label ${JSON.stringify(name)} may be ${values.join(', ')}.`);
    return false;
  }
  return true;
}
