/** The part of JSON Schema that is used here. References are resolved, so it may be cyclic. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: { readonly [key: string]: Shape };
  readonly required?: readonly string[];
  readonly items?: Shape | boolean;
  readonly prefixItems?: readonly Shape[];
  readonly additionalProperties?: Shape | boolean;
  readonly patternProperties?: { readonly [pattern: string]: Shape };
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  /** From `.meta()`: the value is never printed, and may be in a file. */
  readonly secret?: boolean;
  /** From `.meta()`: placeholder for the value in help. */
  readonly placeholder?: string;
  /** From `.meta()`: read once, at the start. */
  readonly startOnly?: boolean;
}

/** Whether a value of that shape, or of one of its alternatives, is a secret as a whole. */
export function isSecret({ secret, anyOf = [], oneOf = [], allOf = [] }: Shape): boolean {
  return secret === true || [...anyOf, ...oneOf, ...allOf].some(isSecret);
}

/** Whether it or something in it is a secret. */
export function hasSecret(shape: Shape, seen: Set<Shape> = new Set()): boolean {
  if (seen.has(shape)) return false;
  seen.add(shape);
  return shape.secret === true || inside(shape).some((one) => hasSecret(one, seen));
}

function inside(shape: Shape): Shape[] {
  const { properties = {}, patternProperties = {}, items, additionalProperties } = shape;
  const { anyOf = [], oneOf = [], allOf = [], prefixItems = [] } = shape;
  return [
    ...Object.values(properties),
    ...Object.values(patternProperties),
    ...[items, additionalProperties].filter((one) => isObject(one)),
    ...[...anyOf, ...oneOf, ...allOf, ...prefixItems],
  ];
}

const isObject = (value: unknown): value is Shape => typeof value === 'object' && value !== null;

/** The JSON types it allows; empty for any. */
export function kindsOf({ type, anyOf, oneOf, allOf, enum: words, const: word }: Shape): readonly string[] {
  if (type !== undefined) return [type].flat();
  const options = anyOf ?? oneOf;
  if (options !== undefined) {
    const kinds = options.map(kindsOf);
    return kinds.some((of) => of.length === 0) ? [] : [...new Set(kinds.flat())];
  }
  if (allOf !== undefined) return allOf.map(kindsOf).find((of) => of.length > 0) ?? [];
  const values = words ?? (word === undefined ? [] : [word]);
  return [...new Set(values.map((one) => (one === null ? 'null' : typeof one)))];
}

/** As JSON Schema for other programs: without cycles and our own keywords. */
export function asJsonSchema(shape: Shape, above: readonly Shape[] = []): object {
  if (above.includes(shape)) return {};
  const below = (one: Shape): object => asJsonSchema(one, [...above, shape]);
  const { secret: _, placeholder: __, startOnly: ___, default: preset, required, ...rest } = shape;
  const told: Record<string, unknown> = { ...rest };
  if (preset !== undefined && !hasSecret(shape)) told.default = preset;
  if (isObject(shape.items)) told.items = below(shape.items);
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
    if (shape[key] !== undefined) told[key] = shape[key].map(below);
  }
  if (shape.patternProperties !== undefined) told.patternProperties = each(shape.patternProperties, below);
  const { properties, additionalProperties: others } = shape;
  // What zod would leave out, we refuse. Of several that are to hold together, none knows all keys.
  if (isObject(others)) told.additionalProperties = below(others);
  else if (properties !== undefined && above.at(-1)?.allOf === undefined) told.additionalProperties = others ?? false;
  if (properties !== undefined) {
    const secrets = Object.keys(properties).filter((key) => isSecret(properties[key]!));
    const files = secrets.map((key) => [`${key}-file`, { type: 'string', description: `File that holds ${key}.` }]);
    told.properties = { ...Object.fromEntries(files), ...each(properties, below) };
    told.required = required?.filter((key) => !secrets.includes(key));
  } else if (required !== undefined) told.required = required;
  return told;
}

const each = <T>(map: { readonly [key: string]: T }, make: (one: T) => object): object =>
  Object.fromEntries(Object.entries(map).map(([key, one]) => [key, make(one)]));
