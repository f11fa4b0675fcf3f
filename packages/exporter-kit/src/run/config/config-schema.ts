import type { Flag } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';
import type { ConfigInputs, Declared } from './declared.ts';
import { asJsonSchema } from './shape.ts';

/** The JSON Schema of a config file, as text, for editors and other checkers. */
export async function configSchema(
  { exporter, sections }: ConfigInputs,
  { flags, settings }: Pick<Declared, 'flags' | 'settings'>,
): Promise<string> {
  const shapes = new Map(settings.map(({ flag, shape }) => [flag.name, shape]));

  function group({ flag, below }: FlagTree): object {
    const properties = Object.fromEntries([...below].map(([key, node]) => [key, schemaOf(node)]));
    const own = flag === undefined ? {} : { [ITSELF]: leaf(flag) };
    return { type: 'object', properties: { ...own, ...properties }, additionalProperties: false };
  }

  function schemaOf(node: FlagTree): object {
    if (node.below.size === 0) return node.flag === undefined ? {} : leaf(node.flag);
    return node.flag === undefined ? group(node) : { anyOf: [leaf(node.flag), group(node)] };
  }

  function leaf(flag: Flag): object {
    const shape = shapes.get(flag.name);
    if (shape !== undefined) return { description: flag.help, ...asJsonSchema(shape) };
    return { description: flag.help, ...types[flag.type], ...('default' in flag && { default: flag.default }) };
  }

  const root = group(treeOf(flags)) as { properties: object };
  const more: { [key: string]: object } = {};
  for (const [key, section] of Object.entries(sections)) more[key] = (await section.schema?.()) ?? {};
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Configuration of ${exporter.name}`,
    ...root,
    properties: { ...root.properties, ...more },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

// Of the kit's own flags. What is a text is taken as it is written, be it a number.
const types: { readonly [type in Flag['type']]: object } = {
  text: { type: ['string', 'number'] },
  number: { type: 'number' },
  switch: { type: 'boolean' },
  list: { type: 'array', items: { type: ['string', 'number'] } },
  numbers: { type: 'array', items: { type: 'number' } },
  json: {},
};
