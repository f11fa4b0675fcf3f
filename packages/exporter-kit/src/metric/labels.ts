import { escapeLabel, escapings, isLegacyLabel, isUtf8Name } from './escape.ts';

/** A label's value. Numbers and booleans are written as strings. */
export type LabelValue = string | number | boolean;

/** What a label may hold: any string, number or boolean, or one of the values listed. */
export type LabelType = StringConstructor | NumberConstructor | BooleanConstructor | readonly LabelValue[];

/** How a declaration names its labels: `['queue']`, or `{ queue: String, state: ['up', 'down'] }`. */
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

/** The object a writer takes for a declaration's labels. */
export type LabelsOf<L extends LabelsSpec> = L extends readonly string[]
  ? { readonly [K in L[number]]: LabelValue }
  : { readonly [K in keyof L]: ValueOf<L[K]> };

/** The arguments of `set`: labels first where there are any. */
export type SetArgs<L extends LabelsSpec, Rest extends readonly unknown[]> = L extends readonly []
  ? Rest
  : keyof LabelsOf<L> extends never
    ? Rest
    : readonly [labels: LabelsOf<L>, ...rest: Rest];

/** One declared label, ready for use; `values` where only some are allowed. */
export interface Label {
  readonly name: string;
  readonly values?: readonly string[];
}

/**
 * Turns a declaration's labels into a list. Whether a name outside the legacy syntax is wanted is the naming rules' matter.
 *
 * @throws TypeError for a name Prometheus does not accept, one that is reserved, or one given twice.
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

/** @throws TypeError when `name` cannot be a label, in the legacy syntax, that an exporter sets. */
export function checkLabelName(name: string, owner: string): void {
  if (typeof name !== 'string' || !isLegacyLabel(name)) throw new TypeError(noName(name, owner));
  checkReserved(name, owner);
}

const noName = (name: unknown, owner: string): string =>
  `${owner}: ${JSON.stringify(name)} is not a label name; use letters, digits and "_", not starting with a digit.`;

function checkReserved(name: string, owner: string): void {
  const label = `${owner}: label ${JSON.stringify(name)}`;
  if (name.startsWith('__')) {
    throw new TypeError(`${label} is reserved, as all that start with "__"; choose another name.`);
  }
  const escaping = escapings.find((one) => escapeLabel(name, one) === '__name__');
  if (escaping !== undefined) {
    throw new TypeError(`${label} becomes "__name__" under the escaping "${escaping}"; choose another name.`);
  }
}

/** Two labels that are one under some escaping, told as in "a.b" and "a_b" are both "a_b"; `undefined` without. */
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
