// From here on, all copies of zod in a process share what `.meta()` writes.
const LEAST = [4, 1, 13] as const;
const RANGE = '^4.1.13';

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
  const use = `; use zod ${RANGE}, or z from exporter-kit/config.`;
  if (!isSchema(schema)) throw new TypeError(`${where}: is a schema of ${makerOf(schema)}${use}`);
  const { major = 0, minor = 0, patch = 0 } = schema._zod.version ?? {};
  const [least, ...rest] = LEAST;
  const old = minor < rest[0] || (minor === rest[0] && patch < rest[1]);
  if (major !== least || old) {
    throw new TypeError(`${where}: is a schema of zod ${major}.${minor}.${patch}${use}`);
  }
  for (const [key, part] of partsOf(schema)) check(part, key === '' ? where : `${where}.${key}`, seen);
}

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

function holdsSecret(schema: unknown, metaOf: MetaOf, seen: Set<unknown> = new Set()): boolean {
  if (!isSchema(schema) || seen.has(schema)) return false;
  seen.add(schema);
  return metaOf(schema)?.secret === true || partsOf(schema).some(([, part]) => holdsSecret(part, metaOf, seen));
}
