import type { Flag } from '../flags/flag.ts';
import { treeOf } from '../flags/flag-tree.ts';
import type { ConfigInputs, Declared } from './declared.ts';
import type { SourceSettings } from './schema/source-settings.ts';
import { groupSchema, leafSchema } from './schema/tree-schema.ts';

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

/** A map of named targets. Defaults are left out: what a target lacks is taken from the source's settings. */
function targetsSchema({ help }: Flag, { own }: SourceSettings): object {
  const target = groupSchema(treeOf(own.map(({ flag }) => flag)), (flag) => {
    const { default: _, ...schema } = leafSchema(flag, own) as { default?: unknown };
    return schema;
  });
  return { description: help, type: 'object', propertyNames: { minLength: 1 }, additionalProperties: target };
}
