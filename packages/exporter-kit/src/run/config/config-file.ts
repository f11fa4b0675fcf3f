import { readErrorReason } from '../../errors/thrown.ts';
import { nearest } from '../../yaml/nearest.ts';
import { pathText, readStrictYaml, type StrictYaml, type YamlPath } from '../../yaml/strict-yaml.ts';
import type { Flag, FlagValues } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';
import { ConfigError } from './config-error.ts';
import type { ConfigSections } from './config-sections.ts';
import { MASK } from './secrets.ts';
import { readText } from './watched-files.ts';

/** A config file, read. */
export interface ConfigFile {
  readonly path: string;
  readonly digest: string;
  readonly yaml: StrictYaml;
}

/** Reads a config file as YAML. @throws ConfigError if it can't be read, or is not plain YAML. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  try {
    const { text, digest } = await readText(path);
    const yaml = await readStrictYaml(text, path);
    if (yaml.value === undefined || isMap(yaml.value)) return { path, digest, yaml };
    throw new Error(`${path}:1: a config file is a map; write key: value.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const unread = `--config.file: cannot read ${path}: ${readErrorReason(error)}.`;
    throw new ConfigError([code === undefined ? message : unread]);
  }
}

/** Values and sections of a config file. */
export interface FileSays {
  readonly path: string;
  readonly values: FlagValues;
  /** Path of each flag's value in the file. */
  readonly places: ReadonlyMap<string, YamlPath>;
  /** `file:line` of what stands at a path. */
  where(path: YamlPath): string;
  readonly sections: ReadonlyMap<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * Finds the flags in a config file, by the tree of their names.
 *
 * @param lenient ignores unknown keys; they may become known later.
 */
export function readConfig(
  { path: file, yaml }: ConfigFile,
  flags: readonly Flag[],
  sections: ConfigSections = {},
  lenient = false,
): FileSays {
  const values = new Map<string, unknown>();
  const places = new Map<string, YamlPath>();
  const raw = new Map<string, unknown>();
  const problems: string[] = [];

  const refuse = (path: YamlPath, why: string): void =>
    void problems.push(`${yaml.where(path)}: ${pathText(path)} ${why}`);

  function take(path: YamlPath, flag: Flag, value: unknown): void {
    // A later check has a better message for these than that the type is wrong.
    const asIs = (value === null && flag.nullable) || (flag.secret && JSON.stringify(value).includes(MASK));
    const read = asIs ? value : readers[flag.type](value, path, yaml);
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
      else if (above.length === 0 && Object.hasOwn(sections, key)) raw.set(key, value);
      else if (!lenient) refuse(path, `is unknown${suggestion(tree, above, key)}`);
    }
  }

  function suggestion({ below }: FlagTree, above: readonly string[], key: string): string {
    const near = nearest(key, [...below.keys(), ...(above.length === 0 ? Object.keys(sections) : [])]);
    if (near !== undefined) return `; did you mean ${near}?`;
    // At the wrong place, or flat.
    const name = flags.map((flag) => flag.name).find((one) => one === key || one.endsWith(`.${key}`));
    return name === undefined ? '; --config.schema prints what is known.' : `; it is ${name.replaceAll('.', ': ')}.`;
  }

  if (isMap(yaml.value)) walk(yaml.value, treeOf(flags), []);
  return { path: file, values, places, where: yaml.where, sections: raw, problems };
}

const none: FlagTree['below'] = new Map();
const unknown = { flag: undefined, below: none };

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): boolean => value !== null && typeof value !== 'object';

/** Reads plain data as a flag's value; `undefined` if the type is wrong. */
const readers: { readonly [type in Flag['type']]: (value: unknown, path: YamlPath, yaml: StrictYaml) => unknown } = {
  // As it is written, since 1.10 is a version as likely as a number.
  text: (value, path, yaml) => (isScalar(value) ? yaml.written(path) : undefined),
  number: (value) => (typeof value === 'number' ? value : undefined),
  switch: (value) => (typeof value === 'boolean' ? value : undefined),
  list: (value, path, yaml) =>
    Array.isArray(value) && value.every(isScalar) ? value.map((_, i) => yaml.written([...path, i])) : undefined,
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
