import { expect, it } from 'vitest';
import { readStrictYaml } from '../../../yaml/strict-yaml.ts';
import { asGoReads } from './go-values.ts';
import { shapeOf } from './shape-of.ts';
import { z } from './zod.ts';

const schema = z.strictObject({
  text: z.string().optional(),
  flag: z.boolean().optional(),
  count: z.int().optional(),
  ratio: z.number().optional(),
  either: z.union([z.string(), z.number()]).optional(),
  texts: z.array(z.string()).optional(),
  counts: z.array(z.int()).optional(),
  map: z.record(z.string(), z.string()).optional(),
  section: z.strictObject({ text: z.string().optional() }).optional(),
  sections: z.array(z.strictObject({ text: z.string().optional() })).optional(),
});

async function read(text: string): Promise<unknown> {
  const yaml = await readStrictYaml(text, 'a.yml');
  const shape = await shapeOf(schema, 'config');
  return asGoReads(shape!, yaml.value, (path) => {
    const written = yaml.written(path);
    return written === undefined ? undefined : { text: written, plain: yaml.plain(path) };
  });
}

it.each([
  ['text: no', { text: 'no' }],
  ['text: 0x10', { text: '0x10' }],
  ['text: 1.50', { text: '1.50' }],
  ['text: true', { text: 'true' }],
  ['text: "2"', { text: '2' }],
  ['text:', {}],
  ['flag: no', { flag: false }],
  ['flag: "on"', { flag: true }],
  ['flag: 1', { flag: 1 }],
  ['count: 1_000', { count: 1000 }],
  ['count: 200.7', { count: 200 }],
  ['count: "200"', { count: '200' }],
  ['ratio: 010', { ratio: 8 }],
  ['ratio: .5', { ratio: 0.5 }],
  ['either: 2', { either: 2 }],
  ['texts: [2, no, ~, x]', { texts: ['2', 'no', 'x'] }],
  ['counts: [0o17, ~]', { counts: [15] }],
  ['counts:', {}],
  ['map: {a: 1, b: , c: no}', { map: { a: '1', b: '', c: 'no' } }],
  ['map:', {}],
  ['section:', {}],
  ['section: {text: 1}', { section: { text: '1' } }],
  ['sections: [{text: yes}, ~]', { sections: [{ text: 'yes' }] }],
  ['unknown:', { unknown: null }],
  ['section: {unknown: 1}', { section: { unknown: 1 } }],
])('%s', async (text, value) => {
  expect(await read(text)).toEqual(value);
});
