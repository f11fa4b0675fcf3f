import type { Flag } from '../../flags/flag.ts';
import { type FlagTree, ITSELF } from '../../flags/flag-tree.ts';
import type { Setting } from './settings.ts';
import { asJsonSchema } from './shape.ts';

/** JSON Schema of a map whose keys are the parts of flags' names. */
export function groupSchema({ flag, below }: FlagTree, leaf: (flag: Flag) => object): object {
  const schemaOf = (node: FlagTree): object => {
    if (node.below.size === 0) return node.flag === undefined ? {} : leaf(node.flag);
    const group = groupSchema(node, leaf);
    return node.flag === undefined ? group : { anyOf: [leaf(node.flag), group] };
  };
  const properties = Object.fromEntries([...below].map(([key, node]) => [key, schemaOf(node)]));
  const own = flag === undefined ? {} : { [ITSELF]: leaf(flag) };
  return { type: 'object', properties: { ...own, ...properties }, additionalProperties: false };
}

/** JSON Schema of one flag's value. */
export function leafSchema(flag: Flag, settings: readonly Setting[]): object {
  const shape = settings.find((one) => one.flag.name === flag.name)?.shape;
  if (shape !== undefined) return { description: flag.help, ...asJsonSchema(shape) };
  return { description: flag.help, ...types[flag.type], ...('default' in flag && { default: flag.default }) };
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
