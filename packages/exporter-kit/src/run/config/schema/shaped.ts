import { resolve } from 'node:path';
import { nearest } from '../../../yaml/nearest.ts';
import type { Problem } from '../../../yaml/problems.ts';
import type { YamlPath } from '../../../yaml/strict-yaml.ts';
import { isSecret, kindsOf, type Shape } from './shape.ts';

const FILE = '-file';

/** The keys in a value that its shape does not have, with a suggestion. */
export function unknownKeys(shape: Shape, value: unknown, path: YamlPath = []): Problem[] {
  if (Array.isArray(value))
    return value.flatMap((item, i) => unknownKeys(itemShape(shape, value, i), item, [...path, i]));
  if (!isMap(value)) return [];
  const members = membersOf(shape, value);
  if (members === undefined) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    const shapes = shapesAt(members, key);
    if (shapes.length > 0) return unknownKeys(together(shapes), one, [...path, key]);
    const known = members.flatMap(({ properties = {} }) =>
      Object.entries(properties).flatMap(([name, its]) => (isSecret(its) ? [name, name + FILE] : [name])),
    );
    const near = nearest(key, known);
    const hint = near !== undefined ? `did you mean ${near}?` : known.length > 0 ? `known: ${known.join(', ')}.` : '';
    return [{ path: [...path, key], why: `is unknown${hint === '' ? '.' : `; ${hint}`}` }];
  });
}

/** A part of a value: a secret, or the name of its file. */
export interface Found {
  readonly path: YamlPath;
  readonly value: unknown;
}

/** The secrets in a value, by its shape. */
export function secretsIn(shape: Shape, value: unknown, path: YamlPath = []): Found[] {
  if (value === undefined || value === null) return [];
  if (isSecret(shape)) return scalarsIn(value, path);
  return below(shape, value).flatMap(([key, one, its]) => secretsIn(its, one, [...path, key]));
}

function scalarsIn(value: unknown, path: YamlPath): Found[] {
  if (typeof value !== 'object' || value === null) return value === null ? [] : [{ path, value }];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, one]) => scalarsIn(one, [...path, key]));
}

/** The value with its secrets replaced. */
export function withSecrets(shape: Shape, value: unknown, other: (secret: unknown) => unknown): unknown {
  if (value === undefined || value === null) return value;
  if (isSecret(shape)) {
    return scalarsIn(value, []).reduce<unknown>(
      (whole, { path, value: secret }) => (path.length === 0 ? other(secret) : replaced(whole, path, other(secret))),
      value,
    );
  }
  const changed = below(shape, value).map(([key, one, its]) => [key, withSecrets(its, one, other)] as const);
  if (Array.isArray(value)) return changed.map(([, one]) => one);
  return isMap(value) ? Object.fromEntries(changed) : value;
}

/** A key that names the file of a secret: `password-file` for `password`. */
export interface FileKey extends Found {
  /** Path of the secret itself. */
  readonly secret: YamlPath;
  readonly shape: Shape;
}

/** The keys in a value that name the file of a secret. */
export function fileKeysIn(shape: Shape, value: unknown, path: YamlPath = []): FileKey[] {
  if (isSecret(shape)) return [];
  const keys = below(shape, value).flatMap(([key, one, its]) => fileKeysIn(its, one, [...path, key]));
  const members = isMap(value) ? membersOf(shape, value) : undefined;
  if (members === undefined) return keys;
  for (const [key, one] of Object.entries(value as object)) {
    const its = secretOfFile(members, key);
    if (its !== undefined)
      keys.push({ path: [...path, key], value: one, secret: [...path, key.slice(0, -FILE.length)], shape: its });
  }
  return keys;
}

/** The value with absolute file names. */
export function filesNamed(shape: Shape, value: unknown, pathOf: (path: string) => string): unknown {
  return fileKeysIn(shape, value).reduce(
    (whole, { path, value: file }) => replaced(whole, path, resolve(pathOf(String(file)))),
    value,
  );
}

/** A copy of the value with another one at a path; `key` renames the last key. */
export function replaced(value: unknown, path: YamlPath, other: unknown, key?: string): unknown {
  const [step, ...rest] = path;
  const change = (one: unknown): unknown => (rest.length === 0 ? other : replaced(one, rest, other, key));
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? change(item) : item));
  const entries = Object.entries(value as object).map(([name, one]) =>
    name === step ? [rest.length === 0 ? (key ?? name) : name, change(one)] : [name, one],
  );
  return Object.fromEntries(entries);
}

/** The members of a value with their shapes; `{}` where the shape is unknown. */
export function below(shape: Shape, value: unknown): [key: string | number, value: unknown, shape: Shape][] {
  if (Array.isArray(value)) return value.map((item, i) => [i, item, itemShape(shape, value, i)]);
  if (!isMap(value)) return [];
  const members = membersOf(shape, value) ?? [];
  return Object.entries(value).map(([key, one]) => {
    // The name of a secret's file is not a secret.
    const its = secretOfFile(members, key) === undefined ? shapesAt(members, key) : [];
    return [key, one, together(its)];
  });
}

/**
 * The shapes that name a map's keys: its own, each of an intersection, and the best fit of alternatives. `undefined` if it
 * may have any key.
 */
function membersOf(shape: Shape, value: object): readonly Shape[] | undefined {
  const options = shape.anyOf ?? shape.oneOf;
  if (options !== undefined) {
    const best = bestOf(options, value);
    return best && membersOf(best, value);
  }
  if (shape.allOf !== undefined) {
    const all = shape.allOf.map((one) => membersOf(one, value));
    return all.some((one) => one === undefined) ? undefined : (all as Shape[][]).flat();
  }
  const names = shape.properties ?? shape.patternProperties ?? shape.additionalProperties;
  return names === undefined ? undefined : [shape];
}

// Cached: otherwise each level would choose twice for all levels below it.
const decided = new WeakMap<object, Map<readonly Shape[], Shape | undefined>>();

function bestOf(options: readonly Shape[], value: object): Shape | undefined {
  const before = decided.get(value) ?? new Map<readonly Shape[], Shape | undefined>();
  decided.set(value, before);
  if (!before.has(options)) before.set(options, chosen(options, value));
  return before.get(options);
}

/** The alternative whose constants match the value and that has most of its keys. */
function chosen(options: readonly Shape[], value: object): Shape | undefined {
  const cost = (option: Shape): number => {
    const kinds = kindsOf(option);
    if (kinds.length > 0 && !kinds.includes(Array.isArray(value) ? 'array' : 'object')) return 1e6;
    if (!isMap(value)) return 0;
    const fixed = Object.entries(option.properties ?? {}).filter(
      ([, { const: one, enum: many }]) => (many ?? one) !== undefined,
    );
    const others = fixed.filter(([key, { const: one, enum: many = [one] }]) => !many.includes((value as never)[key]));
    const missing = (option.required ?? []).filter(
      (key) => !Object.hasOwn(value, key) && !Object.hasOwn(value, key + FILE),
    );
    return others.length * 1e3 + unknownKeys(option, value).length * 10 + missing.length;
  };
  return options.map((option) => ({ option, cost: cost(option) })).sort((a, b) => a.cost - b.cost)[0]?.option;
}

/** The shapes of a key's value; none for an unknown key. */
function shapesAt(members: readonly Shape[], key: string): Shape[] {
  const own = members.flatMap(({ properties = {} }) => (Object.hasOwn(properties, key) ? [properties[key]!] : []));
  if (own.length > 0) return own;
  const patterns = members.flatMap(({ patternProperties = {} }) =>
    Object.entries(patternProperties).flatMap(([pattern, one]) => (new RegExp(pattern).test(key) ? [one] : [])),
  );
  const others = members.flatMap(({ additionalProperties: one }) => (one === true ? [{}] : one ? [one] : []));
  if (patterns.length + others.length > 0) return [...patterns, ...others];
  // The name of a secret's file.
  return secretOfFile(members, key) === undefined ? [] : [{ type: 'string' }];
}

/** The shape of the secret whose file this key names. */
function secretOfFile(members: readonly Shape[], key: string): Shape | undefined {
  if (!key.endsWith(FILE) || members.some(({ properties = {} }) => Object.hasOwn(properties, key))) return undefined;
  const name = key.slice(0, -FILE.length);
  if (name === '' || name.endsWith(FILE)) return undefined;
  return shapesAt(members, name).find(isSecret);
}

function itemShape(shape: Shape, list: unknown[], i: number): Shape {
  const options = shape.anyOf ?? shape.oneOf;
  if (options !== undefined) return itemShape(bestOf(options, list) ?? {}, list, i);
  if (shape.allOf !== undefined) return together(shape.allOf.map((one) => itemShape(one, list, i)));
  const { prefixItems = [], items } = shape;
  return prefixItems[i] ?? (typeof items === 'object' ? items : {});
}

const together = (shapes: readonly Shape[]): Shape =>
  shapes.length === 1 ? shapes[0]! : shapes.length === 0 ? {} : { allOf: shapes };

const isMap = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
