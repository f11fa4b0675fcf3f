import { hasSecret, type Shape } from './shape.ts';

// From here on, all copies of zod in a process share what `.meta()` writes, and one makes JSON Schema of another's.
const LEAST_MINOR = 3;
const RANGE = '^4.3.0';

/** The part of a zod schema that is looked at, the same in all of zod 4. Source: zod's `$ZodTypeInternals`. */
interface Schema {
  readonly _zod: {
    readonly def: { readonly type: string; readonly [part: string]: unknown };
    readonly version?: { readonly major: number; readonly minor: number; readonly patch: number };
    /** Of `z.lazy()`: what its getter gave. */
    readonly innerType?: unknown;
  };
}

/** What `.meta()` wrote of a schema. */
export type MetaOf = (
  schema: object,
) => { readonly secret?: boolean | undefined; readonly id?: string | undefined } | undefined;

/**
 * Whether something is a schema of a zod that is supported.
 *
 * @returns `false` for a parser that is no schema.
 * @throws TypeError for another library's schema, and for one with another in it, saying where.
 */
export function checkSchema(parser: object, name: string): parser is Schema {
  const known = '_zod' in parser;
  if (!known && !('_def' in parser || '~standard' in parser)) return false;
  check(parser, name, new Set());
  return true;
}

function check(schema: unknown, where: string, seen: Set<unknown>): void {
  if (seen.has(schema)) return;
  seen.add(schema);
  if (!isSchema(schema)) throw unsupported(where, makerOf(schema));
  const { major = 0, minor = 0, patch = 0 } = schema._zod.version ?? {};
  if (major !== 4 || minor < LEAST_MINOR) throw unsupported(where, `zod ${major}.${minor}.${patch}`);
  for (const [key, part] of partsOf(schema)) check(part, key === '' ? where : `${where}.${key}`, seen);
}

const unsupported = (where: string, maker: string): Error =>
  new TypeError(`${where}: is a schema of ${maker}; use zod ${RANGE}, or z from exporter-kit/config.`);

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && '_zod' in value && typeof value._zod === 'object';

function makerOf(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null) return `no library (${typeof schema})`;
  if ('_def' in schema) return 'zod 3';
  const { vendor } = (schema as { '~standard'?: { vendor?: unknown } })['~standard'] ?? {};
  return typeof vendor === 'string' ? vendor : 'no library';
}

/** The schemas in a schema, those of an object with their keys. */
function partsOf({ _zod: { def, innerType } }: Schema): [key: string, part: unknown][] {
  const { shape, items, options, parts } = def as { [list: string]: readonly unknown[] | undefined };
  const single = ['element', 'rest', 'left', 'right', 'keyType', 'valueType', 'innerType', 'in', 'out'];
  const more = ['input', 'output', 'catchall'];
  const others = [
    ...[...single, ...more].map((key) => def[key]),
    innerType,
    ...[items, options].flatMap((list) => list ?? []),
  ];
  // A template literal has texts among them.
  const literal = (parts ?? []).filter(isSchema);
  const unnamed = [...others.filter((part) => part !== undefined && part !== null), ...literal];
  return [...Object.entries(shape ?? {}), ...unnamed.map((part): [string, unknown] => ['', part])];
}

/** Whether there is a secret in a schema where its JSON Schema does not tell: it is then one as a whole. */
export function hidesSecret(schema: object, metaOf: MetaOf): boolean {
  const { type, in: first, out } = (schema as Schema)._zod.def;
  // Of a pipe, it tells what goes in; where that is whatever a function takes, what comes of it.
  if (type === 'pipe') return holdsSecret(isSchema(first) && first._zod.def.type === 'transform' ? first : out, metaOf);
  return /^(map|set|template_literal|promise|function)$/.test(type) && holdsSecret(schema, metaOf);
}

/**
 * Proves that a schema's JSON Schema tells of all its keys and secrets, whatever zod it is of.
 *
 * @throws TypeError where it does not.
 */
export function checkShape(schema: object, shape: Shape, name: string, metaOf: MetaOf): void {
  const told = holdsSecret(schema, metaOf) ? hasSecret(shape) : true;
  const keys = Object.entries(((schema as Schema)._zod.def.shape ?? {}) as object);
  const all = keys.every(([key, part]) => {
    const its = shape.properties?.[key];
    return its !== undefined && (hasSecret(its) || !holdsSecret(part, metaOf));
  });
  if (told && all) return;
  const { major = 0, minor = 0, patch = 0 } = (schema as Schema)._zod.version ?? {};
  throw unsupported(name, `zod ${major}.${minor}.${patch}, which can't be looked into`);
}

function holdsSecret(schema: unknown, metaOf: MetaOf, seen: Set<unknown> = new Set()): boolean {
  if (!isSchema(schema) || seen.has(schema)) return false;
  seen.add(schema);
  return metaOf(schema)?.secret === true || partsOf(schema).some(([, part]) => holdsSecret(part, metaOf, seen));
}
