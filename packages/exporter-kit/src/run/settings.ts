import type { Parser } from '../collect/context.ts';
import { messageOf, property } from '../thrown.ts';
import { ConfigError } from './config-error.ts';
import type { Flag, FlagValues } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** One setting of a schema, and where it goes in the object the schema parses. */
export interface Setting {
  readonly flag: Flag;
  /** Keys from the outermost object, such as `collector`, `textfile`, `directory`. */
  readonly path: readonly string[];
  /** As JSON Schema has it. */
  readonly shape: Shape;
  /** The name of the secret whose value is in the file that this setting names. */
  readonly fileOf?: string;
}

/** The part of JSON Schema that zod writes and that is looked at here. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [key: string]: Shape };
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  /** From `.meta()`: the value is never printed, and may be in a file. */
  readonly secret?: boolean;
  /** From `.meta()`: what stands for the value in help. */
  readonly placeholder?: string;
}

/**
 * The settings of a zod object: one for each leaf, with a flag named by its path (`{ path: { procfs } }` makes
 * `path.procfs`). A secret has a second one, for a file that holds it. Schemas other than zod's have none.
 */
export async function settingsOf(schema: Parser<unknown> | undefined, under: readonly string[]): Promise<Setting[]> {
  if (schema === undefined || !('_zod' in schema)) return [];
  const { toJSONSchema } = await import('zod');
  return leaves(toJSONSchema(schema as never, { io: 'input', unrepresentable: 'any' }) as Shape, under);
}

function leaves(shape: Shape, path: readonly string[]): Setting[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, value]) => {
    const at = [...path, key];
    if (value.properties !== undefined) return leaves(value, at);
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
      ...(value.default === undefined || hidden ? {} : { preset: presetOf(value.default) }),
      ...(hidden ? { secret: true } : {}),
    };
    if (!value.secret) return [{ flag, path: at, shape: value }];
    const file: Flag = { name: `${name}-file`, type: 'text', value: 'FILE', help: `File that holds ${name}.` };
    return [
      { flag, path: at, shape: value },
      { flag: file, path: at, shape: { type: 'string', description: file.help }, fileOf: name },
    ];
  });
}

/** Whether it or something in it is a secret. */
function hasSecret({ secret, properties = {}, items, additionalProperties, anyOf = [] }: Shape): boolean {
  const others = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  const inside = [...Object.values(properties), ...(items === undefined ? [] : [items]), ...others, ...anyOf];
  return secret === true || inside.some(hasSecret);
}

const placeholders: { readonly [type: string]: string } = { number: 'NUMBER', numbers: 'NUMBER', json: 'JSON' };

function typeOf({ type, items, anyOf }: Shape): Flag['type'] {
  const [only, more] = anyOf?.filter((one) => one.type !== 'null') ?? [];
  if (only !== undefined && more === undefined) return typeOf(only);
  if (type === 'boolean') return 'switch';
  if (type === 'object') return 'json';
  if (type !== 'array') return isNumeric(type) ? 'number' : 'text';
  if (isNumeric(items?.type)) return 'numbers';
  return items?.type === 'object' || items?.type === 'array' ? 'json' : 'list';
}

const isNumeric = (type: Shape['type']): boolean => type === 'number' || type === 'integer';

function presetOf(value: unknown): string {
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.join(',') || 'none';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const kebab = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** What is said, as the object the schema parses. Text that is no number or JSON stays as it is, for the schema to refuse. */
export function assemble(settings: readonly Setting[], values: FlagValues): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { flag, path, fileOf } of settings) {
    // Objects on the way are made even when nothing is in them, so that the defaults inside them apply.
    const holder = path.slice(0, -1).reduce(objectIn, whole);
    const value = values.get(flag.name);
    if (value === undefined || fileOf !== undefined) continue;
    holder[path.at(-1)!] = typed(flag.type, value);
  }
  return whole;
}

function objectIn(holder: Record<string, unknown>, key: string): Record<string, unknown> {
  const inner = (holder[key] ?? {}) as Record<string, unknown>;
  holder[key] = inner;
  return inner;
}

/** A value as the flag's type has it: from the command line and the environment, all are texts. */
export function typed(type: Flag['type'], value: unknown): unknown {
  if (type === 'number') return numeric(value);
  if (type === 'numbers') return (value as unknown[]).map(numeric);
  if (type !== 'json' || typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function numeric(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

/**
 * Parses what stands at `under` of the assembled settings.
 *
 * @param nameOf how messages name a flag: by where its value comes from.
 * @throws UsageError naming each setting that the schema refuses.
 */
export function parseSettings<C>(
  schema: Parser<C>,
  settings: readonly Setting[],
  values: FlagValues,
  under: readonly string[],
  nameOf: (flag: string) => string = (flag) => `--${flag}`,
): C {
  try {
    return schema.parse(under.reduce(valueIn, assemble(settings, values)) ?? {});
  } catch (cause) {
    const issues = property(cause, 'issues') as
      | readonly { path: readonly PropertyKey[]; message: string }[]
      | undefined;
    if (issues === undefined) throw new UsageError(messageOf(cause), { cause });
    throw new ConfigError(
      issues.map(({ path, message }) => {
        const whole = [...under, ...path];
        const setting = settings.find((s) => s.path.every((key, i) => key === whole[i]));
        return `${setting === undefined ? whole.join('.') : nameOf(setting.flag.name)}: ${message}`;
      }),
    );
  }
}

const valueIn = (holder: unknown, key: string): unknown => (holder as Record<string, unknown> | undefined)?.[key];
