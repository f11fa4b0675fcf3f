import { escapeLabel, escapings, isLegacyLabel, isUtf8Name } from './escape.ts';
import { isBucketed, type Metric } from './metric.ts';

/** A label's value. Numbers and booleans are written as strings. */
export type LabelValue = string | number | boolean;

/** A label's allowed values: any string, number or boolean, or a list. */
export type LabelType = StringConstructor | NumberConstructor | BooleanConstructor | readonly LabelValue[];

/** A declaration's labels: `['queue']`, or `{ queue: String, state: ['up', 'down'] }`. */
export type LabelsSpec = readonly string[] | { readonly [name: string]: LabelType };

type ValueOf<T> = T extends StringConstructor
  ? string
  : T extends NumberConstructor
    ? number
    : T extends BooleanConstructor
      ? boolean
      : T extends readonly (infer V)[]
        ? V
        : never;

/** The labels argument of a writer's `set`. */
export type LabelsOf<L extends LabelsSpec> = L extends readonly string[]
  ? { readonly [K in L[number]]: LabelValue }
  : { readonly [K in keyof L]: ValueOf<L[K]> };

/** The arguments of `set`: the labels, if any, come first. */
export type SetArgs<L extends LabelsSpec, Rest extends readonly unknown[]> = L extends readonly []
  ? Rest
  : keyof LabelsOf<L> extends never
    ? Rest
    : readonly [labels: LabelsOf<L>, ...rest: Rest];

/** One declared label; `values` if only these are allowed. */
export interface Label {
  readonly name: string;
  readonly values?: readonly string[];
}

/**
 * A declaration's labels as a list. Names outside the legacy syntax are accepted here; the naming rules reject them.
 *
 * @throws TypeError for a name that Prometheus does not accept, is reserved, or is given twice.
 */
export function labelList(spec: LabelsSpec, owner: string): readonly Label[] {
  const entries: readonly (readonly [string, LabelType])[] = Array.isArray(spec)
    ? spec.map((name: string) => [name, String] as const)
    : Object.entries(spec as { readonly [name: string]: LabelType });
  const seen = new Set<string>();
  return entries.map(([name, type]) => {
    if (!isUtf8Name(name)) throw new TypeError(noName(name, owner));
    checkReserved(name, owner);
    if (seen.has(name)) throw new TypeError(`${owner}: label ${JSON.stringify(name)} is declared twice; remove one.`);
    seen.add(name);
    if (type === Boolean) return { name, values: ['true', 'false'] };
    if (!Array.isArray(type)) return { name };
    if (type.length === 0)
      throw new TypeError(`${owner}: label ${JSON.stringify(name)} lists no values; name at least one, or use String.`);
    return { name, values: type.map(String) };
  });
}

/** @throws TypeError if `name` is not a valid label name in the legacy syntax, or is reserved. */
export function checkLabelName(name: string, owner: string): void {
  if (typeof name !== 'string' || !isLegacyLabel(name)) throw new TypeError(noName(name, owner));
  checkReserved(name, owner);
}

const noName = (name: unknown, owner: string): string =>
  `${owner}: ${JSON.stringify(name)} is not a label name; use letters, digits and "_", not starting with a digit.`;

function checkReserved(name: string, owner: string): void {
  const label = `${owner}: label ${JSON.stringify(name)}`;
  if (name.startsWith('__')) {
    throw new TypeError(`${label} is reserved, like all names that start with "__"; choose another name.`);
  }
  const escaping = escapings.find((one) => escapeLabel(name, one) === '__name__');
  if (escaping !== undefined) {
    throw new TypeError(`${label} becomes "__name__" under the escaping "${escaping}"; choose another name.`);
  }
}

/** Describes two labels that are equal under some escaping, such as: "a.b" and "a_b" are both "a_b". `undefined` if none are. */
export function labelClash(names: readonly string[]): string | undefined {
  const escapes = names.every(isLegacyLabel) ? (['allow-utf-8'] as const) : escapings;
  for (const escaping of escapes) {
    const seen = new Map<string, string>();
    for (const name of names) {
      const written = escapeLabel(name, escaping);
      const other = seen.get(written);
      if (other !== undefined) {
        const both = `${JSON.stringify(other)} and ${JSON.stringify(name)} are both ${JSON.stringify(written)}`;
        return escaping === 'allow-utf-8' ? both : `${both} under the escaping "${escaping}"`;
      }
      seen.set(written, name);
    }
  }
  return undefined;
}

/** The label written by the metric's type: `le`, `quantile`, or a stateset's name. */
export function ownLabel({ kind, name }: Pick<Metric, 'kind' | 'name'>): string | undefined {
  if (isBucketed(kind)) return 'le';
  if (kind === 'summary') return 'quantile';
  return kind === 'stateset' ? name : undefined;
}

/** All label names in a metric's lines: the collector's, the declared ones, and the type's. */
export function labelNames(metric: Pick<Metric, 'kind' | 'name' | 'labels'>, constLabels: object = {}): string[] {
  const own = ownLabel(metric);
  const names = [...Object.keys(constLabels), ...metric.labels.map(({ name }) => name).filter((name) => name !== '')];
  return own === undefined ? names : [...names, own];
}
