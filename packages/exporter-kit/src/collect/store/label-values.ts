import type { LabelValue } from '../../metric/labels.ts';
import type { Metric } from '../../metric/metric.ts';
import type { LabelRecord } from '../families.ts';
import type { Refusals } from './refusals.ts';

/** Longer label values are dropped: Prometheus' own limits are usually lower. */
const LONGEST_VALUE = 4096;

/** A label value as text; lone surrogates, invalid in UTF-8, become U+FFFD. `undefined` if it can't be a label value. */
export function labelText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

/** Labels as an object without a prototype, safe for any name. */
export function labelRecord(
  names: readonly string[],
  valueAt: (i: number) => string,
): { readonly [label: string]: string } {
  const labels: { [label: string]: string } = Object.create(null);
  for (let i = 0; i < names.length; i++) labels[names[i]!] = valueAt(i);
  return labels;
}

/** A row's labels, from the keys of all rows. */
export function labelsOfRow(names: readonly string[], keys: readonly unknown[], row: number): LabelRecord {
  return labelRecord(names, (i) => labelText(keys[row * names.length + i])!);
}

/** The declared names in the order of these labels; in declared order if some are missing. */
export function orderOf(labels: object, declared: readonly string[]): readonly string[] {
  const order = Object.keys(labels).filter((name) => declared.includes(name));
  return order.length === declared.length ? order : declared;
}

/** Labels as given, for messages. */
export function givenRecord(names: readonly string[], given: readonly unknown[]): LabelRecord {
  return Object.fromEntries(
    names.map((name, i) => [name, given[i] as LabelValue]).filter(([, value]) => value !== undefined),
  );
}

/** The text of each label, in the order of `names`; `undefined` if the sample was dropped. */
export function valuesOf(
  labels: object,
  names: readonly string[],
  given: readonly unknown[],
  refused: Refusals,
): string[] | undefined {
  const values = new Array<string>(names.length);
  for (let i = 0; i < names.length; i++) {
    const value = given[i];
    const text = labelText(value);
    if (text !== undefined && text.length <= LONGEST_VALUE && isOwn(labels, names[i]!)) {
      values[i] = text;
      continue;
    }
    const label = `label ${JSON.stringify(names[i])}`;
    const all = givenRecord(names, given);
    if (value === undefined || !isOwn(labels, names[i]!)) refused.sample(all, 'missing_label', `${label} is missing.`);
    else if (text === undefined) {
      const what = value === null ? 'null' : typeof value;
      refused.sample(all, 'invalid_label', `${label} must be a string, number or boolean, not ${what}.`);
    } else refused.sample(all, 'long_label', `${label} is longer than ${LONGEST_VALUE} characters; shorten it.`);
    return undefined;
  }
  return values;
}

/** Whether a label is the object's own property, unlike an inherited `constructor`. */
function isOwn(labels: object, name: string): boolean {
  try {
    return Object.hasOwn(labels, name);
  } catch {
    return false;
  }
}

/** The first undeclared label: TypeScript accepts an object with more properties if it is in a variable. */
export function extraOf(labels: LabelRecord, declared: readonly string[]): string | undefined {
  for (const name in labels) if (!declared.includes(name) && Object.hasOwn(labels, name)) return name;
  return undefined;
}

/** Whether each label has one of its declared values, if its declaration lists any. */
export function areAllowed(texts: LabelRecord, metric: Metric, refused: Refusals): boolean {
  for (const { name, values } of metric.labels) {
    if (values === undefined || values.includes(texts[name] as string)) continue;
    refused.sample(texts, 'invalid_label', `label ${JSON.stringify(name)} must be one of ${values.join(', ')}.`);
    return false;
  }
  return true;
}
