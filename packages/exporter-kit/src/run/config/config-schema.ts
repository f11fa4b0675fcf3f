import type { Flag } from '../flags/flag.ts';
import { type FlagTree, ITSELF, treeOf } from '../flags/flag-tree.ts';
import type { ConfigInputs, Declared } from './declared.ts';
import type { Setting } from './settings.ts';
import { asJsonSchema } from './shape.ts';
import type { SourceSettings } from './source-settings.ts';

/** The JSON Schema of a config file, as text, for editors and other checkers. */
export async function configSchema(
  { exporter, sections }: ConfigInputs,
  { flags, settings, sources }: Pick<Declared, 'flags' | 'settings' | 'sources'>,
): Promise<string> {
  const ofTargets = new Map(sources.map((one) => [one.targets?.name, one]));

  function leaf(flag: Flag): object {
    const ofSource = ofTargets.get(flag.name);
    return ofSource === undefined ? leafSchema(flag, settings) : targetsSchema(flag, ofSource);
  }

  const root = groupSchema(treeOf(flags), leaf) as { properties: object };
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

/** A map whose keys are the parts of flags' names. */
function groupSchema({ flag, below }: FlagTree, leaf: (flag: Flag) => object): object {
  const schemaOf = (node: FlagTree): object => {
    if (node.below.size === 0) return node.flag === undefined ? {} : leaf(node.flag);
    const group = groupSchema(node, leaf);
    return node.flag === undefined ? group : { anyOf: [leaf(node.flag), group] };
  };
  const properties = Object.fromEntries([...below].map(([key, node]) => [key, schemaOf(node)]));
  const own = flag === undefined ? {} : { [ITSELF]: leaf(flag) };
  return { type: 'object', properties: { ...own, ...properties }, additionalProperties: false };
}

function leafSchema(flag: Flag, settings: readonly Setting[]): object {
  const shape = settings.find((one) => one.flag.name === flag.name)?.shape;
  if (shape !== undefined) return { description: flag.help, ...asJsonSchema(shape) };
  return { description: flag.help, ...types[flag.type], ...('default' in flag && { default: flag.default }) };
}

/** A map of named targets. Defaults are left out: what a target lacks is taken from the source's settings. */
function targetsSchema({ help }: Flag, { own }: SourceSettings): object {
  const target = groupSchema(treeOf(own.map(({ flag }) => flag)), (flag) => {
    const { default: _, ...schema } = leafSchema(flag, own) as { default?: unknown };
    return schema;
  });
  return { description: help, type: 'object', propertyNames: { minLength: 1 }, additionalProperties: target };
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
