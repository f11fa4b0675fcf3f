import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exporter } from '../collect/exporter.ts';
import { problemsOf } from './config-error.ts';
import { configText } from './config-print.ts';
import { type Configuration, configure } from './configuration.ts';
import type { Sources } from './declared.ts';
import { secret } from './schemas.ts';
import { rememberSecrets } from './secrets.ts';

// Whatever a setting is made of, and wherever it stands: unknown keys are refused, secrets are masked and may be in files,
// and messages name the path and the line.
const SECRET = 'hunter2hunter2';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shapes-'));
  await writeFile(join(folder, 'key'), `${SECRET}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

type Made = { readonly sources: Sources; readonly text: string };

async function made(
  shape: z.ZodRawShape,
  text: string,
  argv: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Made> {
  const file = join(folder, 'config.yml');
  await writeFile(file, text);
  const one = exporter({ name: 'x_exporter', config: z.object(shape), collectors: () => [] });
  const args = [`--config.file=${file}`, ...argv];
  return { sources: { exporter: one, port: 1, argv: args, env, parts: {}, secrets: rememberSecrets() }, text };
}

async function read({ sources }: Made): Promise<{ config: unknown; configuration: Configuration }> {
  let config: unknown;
  const collectors = (parsed: unknown): [] => {
    config = parsed;
    return [];
  };
  const configuration = await configure({ ...sources, exporter: { ...sources.exporter, collectors } as never });
  return { config, configuration };
}

async function refusal(one: Made): Promise<string[]> {
  const error = await read(one).then(
    () => new Error('was read'),
    (thrown) => thrown,
  );
  return problemsOf(error).map((problem) => problem.replaceAll(`${folder}/`, ''));
}

const door = z.object({ key: secret(), open: z.boolean().default(false) });

// Each puts a door somewhere: `at` tells where it is, and what else has to be there.
const places: readonly [name: string, wrap: (inner: z.ZodType) => z.ZodType, at: (inner: unknown) => unknown][] = [
  ['itself', (one) => one, (one) => one],
  ['a map', (one) => z.record(z.string(), one), (one) => ({ front: one })],
  ['a map of some keys', (one) => z.record(z.enum(['front']), one), (one) => ({ front: one })],
  ['a map with patterns', (one) => z.looseRecord(z.string().regex(/^f/), one), (one) => ({ front: one })],
  ['a list', (one) => z.array(one), (one) => [one]],
  ['a map of lists', (one) => z.record(z.string(), z.array(one)), (one) => ({ a: [one] })],
  ['a tuple', (one) => z.tuple([z.number(), one]), (one) => [1, one]],
  ['the rest of a tuple', (one) => z.tuple([z.number()], one), (one) => [1, one]],
  ['an object', (one) => z.object({ inside: one }), (one) => ({ inside: one })],
  ['an optional object', (one) => z.object({ inside: one }).optional(), (one) => ({ inside: one })],
  ['a loose object', (one) => z.looseObject({ inside: one }), (one) => ({ inside: one })],
  ['the rest of an object', (one) => z.object({ a: z.number() }).catchall(one), (one) => ({ a: 1, b: one })],
  ['one of several', (one) => z.union([z.number(), z.object({ b: z.string() }), one]), (one) => one],
  [
    'one of several that a key tells apart',
    (one) => z.discriminatedUnion('k', [z.object({ k: z.literal('a'), it: one }), z.object({ k: z.literal('b') })]),
    (one) => ({ k: 'a', it: one }),
  ],
  [
    'both of two',
    (one) => z.object({ all: z.intersection(z.object({ it: one }), z.object({ n: z.number() })) }),
    (one) => ({ all: { it: one, n: 1 } }),
  ],
  ['a map of maps', (one) => z.record(z.string(), z.record(z.string(), one)), (one) => ({ a: { 'b c': one } })],
];

const wrappers: readonly [name: string, wrap: (inner: z.ZodType) => z.ZodType][] = [
  ['as it is', (one) => one],
  ['optional', (one) => one.optional()],
  ['nullable', (one) => one.nullable()],
  ['nullish', (one) => one.nullish()],
  ['default', (one) => one.default(null)],
  ['prefault', (one) => one.prefault({ key: 'none' })],
  ['catch', (one) => one.catch(undefined)],
  ['readonly', (one) => one.readonly()],
  ['refined', (one) => one.refine(() => true)],
  ['transformed', (one) => one.transform((value) => value)],
  ['preprocessed', (one) => z.preprocess((value) => value, one)],
  [
    'piped',
    (one) =>
      z
        .any()
        .transform((value) => value)
        .pipe(one),
  ],
  ['lazy', (one) => z.lazy(() => one)],
  ['described, with an id', (one) => one.describe('A door.').meta({ id: `door-${Math.random()}` })],
];

const all = places.flatMap((place) =>
  wrappers.map((wrapper) => ({ place, wrapper, name: `${wrapper[0]}, in ${place[0]}` })),
);

/** Where a schema can't be looked into, what is in it is a secret as a whole. */
const opaque = (wrapper: string): boolean => wrapper === 'piped';

describe.each(all)('a secret: $name', ({ place: [, wrapPlace, at], wrapper: [wrapper, wrap] }) => {
  const schema = (inner: z.ZodType): z.ZodRawShape => ({ house: wrapPlace(wrap(inner)) });
  const house = (inner: unknown): string => JSON.stringify({ house: at(inner) });

  it('is masked where it is printed, and refused as the mask', async () => {
    const one = await made(schema(door), house({ key: SECRET, open: true }));
    const { config, configuration } = await read(one);
    expect(JSON.stringify(config)).toContain(SECRET);
    expect(one.sources.secrets.mask(`it is ${SECRET}`)).toBe('it is <secret>');
    const printed = await configText(one.sources, configuration);
    expect(printed).not.toContain(SECRET);
    expect(await refusal(await made(schema(door), printed))).toEqual([
      expect.stringMatching(/^config\.yml:\d+: house.*: <secret> stands for what --config\.print left out;/),
    ]);
  });

  it.skipIf(opaque(wrapper))('may be in a file, whose name is printed', async () => {
    const one = await made(schema(door), house({ 'key-file': 'key', open: true }));
    const { config, configuration } = await read(one);
    expect(JSON.stringify(config)).toContain(SECRET);
    expect([...configuration.files.keys()]).toContain(join(folder, 'key'));
    const printed = await configText(one.sources, configuration);
    expect(printed).not.toContain(SECRET);
    expect(printed).toContain(join(folder, 'key'));
    expect((await read(await made(schema(door), printed))).config).toEqual(config);
    const missing = await refusal(await made(schema(door), house({ 'key-file': 'nowhere' })));
    expect(missing[0]).toMatch(/^config\.yml:1: house.*key-file: cannot read nowhere: there is no such file\.$/);
    const twice = await refusal(await made(schema(door), house({ key: SECRET, 'key-file': 'key' })));
    expect(twice[0]).toMatch(/key and config\.yml:1: house.*key-file are both given; leave one out\.$/);
  });

  it.skipIf(opaque(wrapper))('stands among known keys only', async () => {
    const strays = await refusal(await made(schema(door), house({ key: SECRET, opn: true })));
    expect(strays).toContainEqual(expect.stringMatching(/^config\.yml:1: house.*opn is unknown; did you mean open\?$/));
    expect(strays.join()).not.toContain(SECRET);
  });
});
