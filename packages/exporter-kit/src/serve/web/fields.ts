import { nearest } from '../../yaml/nearest.ts';
import { pathText, type YamlPath } from '../../yaml/strict-yaml.ts';

/** Positions in a configuration. */
export interface Source {
  where(path: YamlPath): string;
  /** The scalar as written, for values that YAML reads as another type than a string. */
  written(path: YamlPath): string | undefined;
}

/** A map in a configuration, read field by field. A field without a value (`key:`) counts as absent. */
export interface Fields {
  has(name: string): boolean;
  text(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  count(name: string): number | undefined;
  texts(name: string): readonly string[] | undefined;
  /** A map with arbitrary keys and string values. */
  named(name: string): ReadonlyMap<string, string>;
  /** A nested map. */
  within(name: string, known: readonly string[]): Fields | undefined;
  /** An error with the field's position; `what` must not contain a secret. */
  fault(name: string | readonly [string, string | number], what: string): Error;
}

/**
 * Reads a map of known fields.
 *
 * @throws Error with the position, if the value is not a map or a field is unknown; it suggests the nearest known one.
 */
export function fieldsOf(value: unknown, known: readonly string[], source: Source, path: YamlPath = []): Fields {
  const fault = (at: YamlPath, what: string): Error =>
    new Error(`${source.where(at)}: ${at.length === 0 ? '' : `${pathText(at)}: `}${what}`);
  const map = mapOf(value);
  if (map === undefined)
    throw fault(path, `must be ${path.length === 0 ? 'a map of keys and values' : 'a map'}, not ${kindOf(value)}.`);
  for (const name of Object.keys(map)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    throw fault([...path, name], `is unknown; ${meant ? `did you mean ${meant}?` : `known: ${known.join(', ')}.`}`);
  }

  const given = (name: string): unknown => (Object.hasOwn(map, name) ? (map[name] ?? undefined) : undefined);

  function textAt(found: unknown, at: YamlPath): string {
    if (typeof found === 'string') return found;
    const written = typeof found === 'object' ? undefined : source.written(at);
    if (written === undefined) throw fault(at, `must be a string, not ${kindOf(found)}.`);
    return written;
  }

  return {
    has: (name) => given(name) !== undefined,
    text(name) {
      const found = given(name);
      return found === undefined ? undefined : textAt(found, [...path, name]);
    },
    flag(name) {
      const found = given(name);
      if (found === undefined || typeof found === 'boolean') return found;
      // YAML 1.1 booleans, which Go accepts.
      const word = source.written([...path, name]);
      if (/^(y|yes|on)$/i.test(word ?? '')) return true;
      if (/^(n|no|off)$/i.test(word ?? '')) return false;
      throw fault([...path, name], `must be true or false, not ${shown(word ?? found)}.`);
    },
    count(name) {
      const found = given(name);
      if (found === undefined || (Number.isSafeInteger(found) && (found as number) >= 0)) return found as number;
      throw fault([...path, name], `must be an integer, not ${shown(found)}.`);
    },
    texts(name) {
      const found = given(name);
      if (found === undefined) return undefined;
      if (!Array.isArray(found)) throw fault([...path, name], `must be a list, not ${shown(found)}.`);
      return found.map((item, i) => textAt(item, [...path, name, i]));
    },
    named(name) {
      const found = given(name);
      const inner = found === undefined ? {} : mapOf(found);
      if (inner === undefined) throw fault([...path, name], `must be a map, not ${kindOf(found)}.`);
      return new Map(Object.entries(inner).map(([key, item]) => [key, textAt(item ?? '', [...path, name, key])]));
    },
    within(name, names) {
      const found = given(name);
      return found === undefined ? undefined : fieldsOf(found, names, source, [...path, name]);
    },
    fault: (name, what) => fault([...path, ...(typeof name === 'string' ? [name] : name)], what),
  };
}

/** A value for a message; not for secrets. */
export function shown(value: unknown): string {
  if (typeof value === 'object') return kindOf(value);
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

const MOST_SHOWN = 100;

/** A value's type for a message, where the value may be a secret. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a map';
  return (
    { string: 'a string', number: 'a number', boolean: 'true or false' }[typeof value as string] ?? `a ${typeof value}`
  );
}

function mapOf(value: unknown): { readonly [name: string]: unknown } | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { [name: string]: unknown })
    : undefined;
}
