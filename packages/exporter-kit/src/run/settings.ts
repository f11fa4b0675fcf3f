import type { Parser } from '../collect/context.ts';
import type { Flag, FlagValues } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** One setting of a schema, and where it goes in the object the schema parses. */
export interface Setting {
  readonly flag: Flag;
  /** Keys from the outermost object, such as `collector`, `textfile`, `directory`. */
  readonly path: readonly string[];
  readonly type: 'text' | 'number' | 'switch' | 'list' | 'numbers';
}

interface Shape {
  readonly type?: string;
  readonly properties?: { readonly [key: string]: Shape };
  readonly items?: Shape;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

/**
 * The flags of a zod object: one for each leaf, named by its path (`{ path: { procfs } }` makes `path.procfs`). Schemas
 * other than zod's have none.
 */
export async function settingsOf(schema: Parser<unknown> | undefined, under: readonly string[]): Promise<Setting[]> {
  if (schema === undefined || !('_zod' in schema)) return [];
  const { toJSONSchema } = await import('zod');
  const shape = toJSONSchema(schema as never, { io: 'input', unrepresentable: 'any' }) as Shape;
  return leaves(shape, under);
}

function leaves(shape: Shape, path: readonly string[]): Setting[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, value]) => {
    const at = [...path, key];
    if (value.properties !== undefined) return leaves(value, at);
    const type = typeOf(value);
    const preset = value.default === undefined ? undefined : presetOf(value.default);
    const flag: Flag = {
      name: at.map(kebab).join('.'),
      type: type === 'number' ? 'text' : type === 'numbers' ? 'list' : type,
      help: value.description ?? `Sets ${at.join('.')}.`,
      value: value.enum?.join('|') ?? (type.startsWith('number') ? 'NUMBER' : 'VALUE'),
      negatable: type === 'switch',
      ...(preset === undefined ? {} : { preset }),
    };
    return [{ flag, path: at, type }];
  });
}

function typeOf({ type, items }: Shape): Setting['type'] {
  if (type === 'boolean') return 'switch';
  if (type === 'array') return isNumeric(items?.type) ? 'numbers' : 'list';
  return isNumeric(type) ? 'number' : 'text';
}

const isNumeric = (type: string | undefined): boolean => type === 'number' || type === 'integer';
const presetOf = (value: unknown): string => (Array.isArray(value) ? value.join(',') || 'none' : String(value));
const kebab = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** What the flags say, as the object the schema parses. Numbers that are none stay text, for the schema to refuse. */
export function assemble(settings: readonly Setting[], values: FlagValues): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const { flag, path, type } of settings) {
    // Objects on the way are made even when nothing is in them, so that the defaults inside them apply.
    const holder = path.slice(0, -1).reduce(objectIn, whole);
    const value = values.get(flag.name);
    if (value === undefined) continue;
    holder[path.at(-1)!] =
      type === 'number' ? numeric(value) : type === 'numbers' ? (value as string[]).map(numeric) : value;
  }
  return whole;
}

function objectIn(holder: Record<string, unknown>, key: string): Record<string, unknown> {
  const inner = (holder[key] ?? {}) as Record<string, unknown>;
  holder[key] = inner;
  return inner;
}

function numeric(value: unknown): unknown {
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

/**
 * Parses what stands at `under` of the assembled settings.
 *
 * @throws UsageError naming the flag of each setting that the schema refuses.
 */
export function parseSettings<C>(
  schema: Parser<C>,
  settings: readonly Setting[],
  values: FlagValues,
  under: readonly string[],
): C {
  try {
    let at: unknown = assemble(settings, values);
    for (const key of under) at = (at as Record<string, unknown> | undefined)?.[key];
    return schema.parse(at ?? {});
  } catch (cause) {
    const issues = (cause as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] }).issues;
    if (issues === undefined) throw new UsageError((cause as Error).message, { cause });
    const said = issues.map(({ path, message }) => {
      const whole = [...under, ...path];
      const setting = settings.find((s) => s.path.every((key, i) => key === whole[i]));
      return `${setting === undefined ? whole.join('.') : `--${setting.flag.name}`}: ${message}`;
    });
    throw new UsageError(said.join('; '), { cause });
  }
}
