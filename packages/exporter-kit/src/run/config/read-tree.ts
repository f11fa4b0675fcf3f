import { MASK } from '../../probe/mask.ts';
import { nearest } from '../../yaml/nearest.ts';
import type { YamlPath } from '../../yaml/strict-yaml.ts';
import type { Flag, FlagValues } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';

/** Where a map's values are written. */
export interface TreeText {
  /** How messages name what is at a path, such as `config.yml:3: web.listen-address`. */
  nameOf(path: YamlPath): string;
  /** A scalar as written, without quotes. */
  written(path: YamlPath): string | undefined;
}

/** Values that {@link readTree} has found. */
export interface TreeValues {
  readonly values: FlagValues;
  /** Path of each flag's value. */
  readonly places: ReadonlyMap<string, YamlPath>;
  /** Values of the other top-level keys that are known. */
  readonly others: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

/** Options of {@link readTree}. */
export interface TreeOptions {
  /** Known top-level keys that are not flags. */
  readonly others?: readonly string[];
  /** Ignores unknown keys; they may become known later. */
  readonly lenient?: boolean;
}

/** Finds the values of flags in a map whose keys are the parts of their names; unknown keys are problems. */
export function readTree(
  map: object,
  flags: readonly Flag[],
  { nameOf, written }: TreeText,
  { others = [], lenient = false }: TreeOptions = {},
): TreeValues {
  const values = new Map<string, unknown>();
  const places = new Map<string, YamlPath>();
  const found = new Map<string, unknown>();
  const problems: string[] = [];

  const refuse = (path: YamlPath, why: string): void => void problems.push(`${nameOf(path)} ${why}`);

  function take(path: YamlPath, flag: Flag, value: unknown): void {
    // A later check has a better message for these than that the type is wrong.
    const asIs = (value === null && flag.nullable) || (flag.secret && JSON.stringify(value).includes(MASK));
    const read = asIs ? value : readers[flag.type](value, path, written);
    if (value === null && !flag.nullable) refuse(path, 'has no value; write one, or leave the key out.');
    else if (read === undefined) refuse(path, `must be ${expected[flag.type]}.`);
    else {
      values.set(flag.name, read);
      places.set(flag.name, path);
    }
  }

  function walk(group: object, tree: FlagTree, above: readonly string[]): void {
    for (const [key, value] of Object.entries(group)) {
      const path = [...above, key];
      const { flag, below } = tree.below.get(key) ?? (key === ITSELF ? { flag: tree.flag, below: none } : unknown);
      if (below.size > 0 && isMap(value)) walk(value, { below, ...(flag && { flag }) }, path);
      else if (flag !== undefined) take(path, flag, value);
      else if (below.size > 0) value === null || refuse(path, 'is a map; write the keys below it.');
      else if (above.length === 0 && others.includes(key)) found.set(key, value);
      else if (!lenient) refuse(path, `is unknown${suggestion(tree, above, key)}`);
    }
  }

  function suggestion({ below }: FlagTree, above: readonly string[], key: string): string {
    const near = nearest(key, [...below.keys(), ...(above.length === 0 ? others : [])]);
    if (near !== undefined) return `; did you mean ${near}?`;
    // At the wrong place, or flat.
    const name = flags.map((flag) => flag.name).find((one) => one === key || one.endsWith(`.${key}`));
    return name === undefined ? '; --config.schema prints what is known.' : `; it is ${name.replaceAll('.', ': ')}.`;
  }

  walk(map, treeOf(flags), []);
  return { values, places, others: found, problems };
}

const none: FlagTree['below'] = new Map();
const unknown = { flag: undefined, below: none };

/** Whether a value is a map: an object, not a list. */
export const isMap = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): boolean => value !== null && typeof value !== 'object';

/** Reads plain data as a flag's value; `undefined` if the type is wrong. */
const readers: {
  readonly [type in Flag['type']]: (value: unknown, path: YamlPath, written: TreeText['written']) => unknown;
} = {
  // As it is written, since 1.10 is a version as likely as a number.
  text: (value, path, written) => (isScalar(value) ? written(path) : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  switch: (value) => (typeof value === 'boolean' ? value : undefined),
  list: (value, path, written) =>
    Array.isArray(value) && value.every(isScalar) ? value.map((_, i) => written([...path, i])) : undefined,
  numbers: (value) => (Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined),
  json: (value) => value,
};

const expected: { readonly [type in Flag['type']]: string } = {
  text: 'a string',
  number: 'a number',
  switch: 'true or false',
  list: 'a list of strings, such as [a, b]',
  numbers: 'a list of numbers, such as [1, 2]',
  json: 'a value',
};

/** A scalar inside plain data that no file holds, as text. */
export function writtenIn(value: unknown, path: YamlPath): string | undefined {
  const found = path.reduce<unknown>((one, step) => (one as Record<string | number, unknown>)[step], value);
  return found === undefined || found === null ? undefined : String(found);
}
