import type { Parser } from '../../../collect/context.ts';
import { checkSchema, checkShape, hidesSecret, type MetaOf } from './schema-check.ts';
import type { Shape } from './shape.ts';

/**
 * The shape of a zod schema's input; `undefined` for a parser that is not a schema.
 *
 * @param name its name in messages, such as `config`.
 * @throws TypeError for a schema that is not zod's, or of a version that is not supported.
 */
export async function shapeOf(schema: Parser<unknown> | undefined, name: string): Promise<Shape | undefined> {
  if (schema === undefined || !checkSchema(schema, name)) return undefined;
  const { z } = await import('./zod.ts');
  const metaOf: MetaOf = (one) => z.globalRegistry.get(one as never);
  const { $schema: _, ...root } = z.toJSONSchema(schema as never, {
    io: 'input',
    unrepresentable: 'any',
    metadata: { get: (one: object) => metadataOf(one, metaOf) } as never,
  });
  const shape = resolved(root, root);
  checkShape(schema, shape, name, metaOf);
  return shape;
}

/** The metadata of a schema, with what JSON Schema does not show of it. */
function metadataOf(schema: object, metaOf: MetaOf): object {
  // An id would move the schema into $defs, without its own description.
  const { id: _, ...meta } = metaOf(schema) ?? {};
  const { type } = (schema as { _zod: { def: { type: string } } })._zod.def;
  const asText = type === 'date' || type === 'bigint' ? { type: 'string' } : {};
  return { ...asText, ...meta, ...(hidesSecret(schema, metaOf) ? { secret: true } : {}) };
}

interface Node {
  $ref?: string;
  $defs?: { readonly [name: string]: Node };
}

/** Resolves references. */
function resolved(root: Node, node: Node, done: Map<Node, Shape> = new Map()): Shape {
  const before = done.get(node);
  if (before !== undefined) return before;
  if (node.$ref !== undefined) {
    const { $ref, ...own } = node;
    const target = $ref === '#' ? root : root.$defs?.[$ref.replace('#/$defs/', '')];
    const meant = resolved(root, target!, done);
    // In a cycle it is not complete yet.
    return Object.keys(own).length === 0 ? meant : { ...own, allOf: [meant] };
  }
  const { $defs: _, ...shape } = node as Record<string, unknown>;
  done.set(node, shape);
  const follow = (one: unknown): unknown => (isObject(one) ? resolved(root, one as Node, done) : one);
  for (const [key, value] of Object.entries(shape)) {
    if (/^(items|additionalProperties)$/.test(key)) shape[key] = follow(value);
    if (/^(anyOf|oneOf|allOf|prefixItems)$/.test(key)) shape[key] = (value as unknown[]).map(follow);
    if (/^(properties|patternProperties)$/.test(key)) {
      shape[key] = Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, follow(one)]));
    }
  }
  return shape;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
