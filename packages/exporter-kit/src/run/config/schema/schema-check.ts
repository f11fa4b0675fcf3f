import { hasSecret, type Shape } from './shape.ts';

// Since this version all copies of zod in a process share the registry of `.meta()`, and one converts another's schemas.
const LEAST_MINOR = 3;
const RANGE = '^4.3.0';

/** The part of a zod schema that is read here, the same in all of zod 4. Source: zod's `$ZodTypeInternals`. */
interface Schema {
  readonly _zod: {
    readonly def: { readonly type: string; readonly [part: string]: unknown };
    readonly version?: { readonly major: number; readonly minor: number; readonly patch: number };
    /** Of `z.lazy()`: what its getter returned. */
    readonly innerType?: unknown;
  };
}

/** Returns a schema's metadata, as `.meta()` set it. */
export type MetaOf = (
  schema: object,
) => { readonly secret?: boolean | undefined; readonly id?: string | undefined } | undefined;

/**
 * Whether a parser is a zod schema of a supported version.
 *
 * @returns `false` for a parser that is not a schema.
 * @throws TypeError naming the place of a schema of another library or version.
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
  if (typeof schema !== 'object' || schema === null) return `an unknown library (${typeof schema})`;
  if ('_def' in schema) return 'zod 3';
  const { vendor } = (schema as { '~standard'?: { vendor?: unknown } })['~standard'] ?? {};
  return typeof vendor === 'string' ? vendor : 'an unknown library';
}

/** The schemas inside a schema, those of an object with their keys. */
function partsOf({ _zod: { def, innerType } }: Schema): [key: string, part: unknown][] {
  const { shape, items, options, parts } = def as { [list: string]: readonly unknown[] | undefined };
  const single = ['element', 'rest', 'left', 'right', 'keyType', 'valueType', 'innerType', 'in', 'out'];
  const more = ['input', 'output', 'catchall'];
  const others = [
    ...[...single, ...more].map((key) => def[key]),
    innerType,
    ...[items, options].flatMap((list) => list ?? []),
  ];
  // Parts of a template literal may be plain strings.
  const literal = (parts ?? []).filter(isSchema);
  const unnamed = [...others.filter((part) => part !== undefined && part !== null), ...literal];
  return [...Object.entries(shape ?? {}), ...unnamed.map((part): [string, unknown] => ['', part])];
}

/** Whether a schema holds a secret that its JSON Schema does not show; then all of it is a secret. */
export function hidesSecret(schema: object, metaOf: MetaOf): boolean {
  const { type, in: first, out } = (schema as Schema)._zod.def;
  // JSON Schema shows the input of a pipe; if that is a function's, its output.
  if (type === 'pipe') return holdsSecret(isSchema(first) && first._zod.def.type === 'transform' ? first : out, metaOf);
  return /^(map|set|template_literal|promise|function)$/.test(type) && holdsSecret(schema, metaOf);
}

/**
 * Checks that a schema's JSON Schema has all its keys and secrets, whatever version of zod it comes from.
 *
 * @throws TypeError if something is missing.
 */
export function checkShape(schema: object, shape: Shape, name: string, metaOf: MetaOf): void {
  const secretShown = holdsSecret(schema, metaOf) ? hasSecret(shape) : true;
  const keys = Object.entries(((schema as Schema)._zod.def.shape ?? {}) as object);
  const keysShown = keys.every(([key, part]) => {
    const its = shape.properties?.[key];
    return its !== undefined && (hasSecret(its) || !holdsSecret(part, metaOf));
  });
  if (secretShown && keysShown) return;
  const { major = 0, minor = 0, patch = 0 } = (schema as Schema)._zod.version ?? {};
  throw unsupported(name, `zod ${major}.${minor}.${patch}, which cannot be inspected`);
}

function holdsSecret(schema: unknown, metaOf: MetaOf, seen: Set<unknown> = new Set()): boolean {
  if (!isSchema(schema) || seen.has(schema)) return false;
  seen.add(schema);
  return metaOf(schema)?.secret === true || partsOf(schema).some(([, part]) => holdsSecret(part, metaOf, seen));
}
