import type { Parser } from '../../../collect/context.ts';
import type { Flag, FlagValues } from '../../flags/flag.ts';
import { fromJson } from '../../flags/read-flags.ts';
import { hasSecret, isSecret, kindsOf, type Shape } from './shape.ts';
import { shapeOf } from './shape-of.ts';

/** One setting of a schema, and where it goes in the object the schema parses. */
export interface Setting {
  readonly flag: Flag;
  /** Keys from the outermost object, such as `collector`, `textfile`, `directory`. */
  readonly path: readonly string[];
  /** How many of the keys lead to objects that always exist; the objects below exist only if something in them is given. */
  readonly always: number;
  /** As JSON Schema has it. */
  readonly shape: Shape;
  /** The name of the secret whose value is in the file that this setting names. */
  readonly fileOf?: string;
}

/**
 * The settings of a zod object: one for each leaf, with a flag named by its path (`{ path: { procfs } }` makes
 * `path.procfs`). A secret has a second one, for a file that holds it. Parsers that are not schemas have none.
 *
 * @throws TypeError for a schema that is not supported, or is not one of an object.
 */
export async function settingsOf(schema: Parser<unknown> | undefined, under: readonly string[]): Promise<Setting[]> {
  const name = [...under, 'config'].join('.');
  const shape = await shapeOf(schema, name);
  if (shape === undefined) return [];
  if (shape.properties === undefined)
    throw new TypeError(`${name}: is not a z.object(); its keys would be no settings.`);
  return leaves(shape, under, under.length, [shape]);
}

function leaves(shape: Shape, path: readonly string[], always: number, above: readonly Shape[]): Setting[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, value]) => {
    const at = [...path, key];
    if (isGroup(value) && !above.includes(value)) {
      const made = always === path.length && (shape.required?.includes(key) || isEmpty(value.default));
      return leaves(value, at, made ? at.length : always, [...above, value]);
    }
    const name = at.map(kebab).join('.');
    const help = value.description ?? `Sets ${at.join('.')}.`;
    const type = typeOf(value);
    const hidden = hasSecret(value);
    const flag: Flag = {
      name,
      type,
      help,
      value: value.placeholder ?? value.enum?.join('|') ?? placeholders[type] ?? 'VALUE',
      negatable: type === 'switch',
      ...(value.default === undefined || hidden
        ? {}
        : { default: value.default, defaultText: defaultText(value.default) }),
      ...(hidden ? { secret: true } : {}),
      ...(value.startOnly === true ? { startOnly: true } : {}),
      ...(kindsOf(value).includes('null') ? { nullable: true } : {}),
    };
    const setting = { flag, path: at, always, shape: value };
    if (!isSecret(value)) return [setting];
    const file: Flag = { name: `${name}-file`, type: 'text', value: 'FILE', help: `File that holds ${name}.` };
    return [setting, { flag: file, path: at, always, shape: { type: 'string', description: file.help }, fileOf: name }];
  });
}

/** Whether it is an object whose keys are flags of their own: its keys are fixed, and it is not a secret. */
function isGroup({ properties = {}, additionalProperties = false, secret }: Shape): boolean {
  return Object.keys(properties).length > 0 && additionalProperties === false && secret !== true;
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

const placeholders: { readonly [type: string]: string } = { number: 'NUMBER', numbers: 'NUMBER', json: 'JSON' };

function typeOf(shape: Shape): Flag['type'] {
  const kinds = kindsOf(shape).filter((kind) => kind !== 'null');
  if (kinds.length === 0) return 'json';
  if (kinds.every((kind) => kind === 'string')) return 'text';
  if (kinds.every(isNumeric)) return 'number';
  if (kinds.every((kind) => kind === 'boolean')) return 'switch';
  const { type, items, prefixItems } = shape;
  if (type !== 'array' || typeof items !== 'object' || prefixItems !== undefined) return 'json';
  const inside = kindsOf(items);
  if (inside.length === 0) return 'json';
  return inside.every(isNumeric) ? 'numbers' : inside.every((kind) => kind === 'string') ? 'list' : 'json';
}

const isNumeric = (kind: string): boolean => kind === 'number' || kind === 'integer';

function defaultText(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',') || 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A key as it is in flags and files: `caFile` is `ca-file`. */
export const kebab = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** Given values as the object that the schema parses. Invalid numbers and JSON stay text, for the schema to reject. */
export function assemble(settings: readonly Setting[], values: FlagValues): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { flag, path, always, fileOf } of settings) {
    const value = values.get(flag.name);
    const given = value !== undefined && fileOf === undefined;
    // Objects on the path are created even if empty, so that the defaults inside them apply.
    const holder = path.slice(0, given ? -1 : Math.min(always, path.length - 1)).reduce(objectIn, whole);
    if (given) holder[path.at(-1)!] = typed(flag.type, value);
  }
  return whole;
}

/** The values with those that are read only at the start as they were then. */
export function asAtStart(settings: readonly Setting[], values: FlagValues, first: unknown): FlagValues {
  const kept = new Map(values);
  for (const { flag, path } of settings) {
    if (flag.startOnly !== true) continue;
    const before = path.reduce((holder, key) => (holder as { [key: string]: unknown } | undefined)?.[key], first);
    if (before === undefined) kept.delete(flag.name);
    else kept.set(flag.name, before);
  }
  return kept;
}

function objectIn(holder: Record<string, unknown>, key: string): Record<string, unknown> {
  const inner = (Object.hasOwn(holder, key) ? holder[key] : {}) as Record<string, unknown>;
  holder[key] = inner;
  return inner;
}

/** Converts a value to the flag's type: from the command line and the environment, numbers are text. */
export function typed(type: Flag['type'], value: unknown): unknown {
  if (type === 'number') return numeric(value);
  return type === 'numbers' && Array.isArray(value) ? value.map(numeric) : value;
}

/** Converts the content of a file to a value of that shape. */
export function fromText(shape: Shape, text: string): unknown {
  const type = typeOf(shape);
  return type === 'json' ? fromJson(text) : typed(type, text);
}

function numeric(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}
