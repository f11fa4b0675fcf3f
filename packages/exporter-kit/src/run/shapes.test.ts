import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { z as zod3 } from 'zod/v3';
import { collector } from '../collect/collector.ts';
import { exporter } from '../collect/exporter.ts';
import { problemsOf } from './config/config-error.ts';
import { configText } from './config/config-print.ts';
import { configSchema } from './config/config-schema.ts';
import { type Configuration, configure } from './config/configuration.ts';
import { allFlags, type ConfigInputs, configInputs } from './config/declared.ts';
import { secret } from './config/schema/schemas.ts';
import { rememberSecrets } from './config/secrets.ts';

// Whatever a setting is made of, and wherever it stands: unknown keys are refused, secrets are masked and may be in files,
// and messages name the path and the line.
const SECRET = 'hunter2hunter2';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shapes-'));
  await writeFile(join(folder, 'key'), `${SECRET}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

type Made = { readonly inputs: ConfigInputs; readonly text: string };

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
  return { inputs: await configInputs(one, 1, args, env, rememberSecrets()), text };
}

async function read({ inputs }: Made): Promise<{ config: unknown; configuration: Configuration }> {
  let config: unknown;
  const collectors = (parsed: unknown): [] => {
    config = parsed;
    return [];
  };
  const configuration = await configure({ ...inputs, exporter: { ...inputs.exporter, collectors } as never });
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
    expect(one.inputs.secrets.mask(`it is ${SECRET}`)).toBe('it is <secret>');
    const printed = await configText(one.inputs, configuration);
    expect(printed).not.toContain(SECRET);
    const refused = await refusal(await made(schema(door), printed));
    // Where nothing is known of what is inside, all of it is masked.
    expect(refused.slice(0, opaque(wrapper) ? 2 : 1)).toEqual(
      refused.map(() =>
        expect.stringMatching(/^config\.yml:\d+: house.*: <secret> stands for what --config\.print left out;/),
      ),
    );
  });

  it.skipIf(opaque(wrapper))('may be in a file, whose name is printed', async () => {
    const one = await made(schema(door), house({ 'key-file': 'key', open: true }));
    const { config, configuration } = await read(one);
    expect(JSON.stringify(config)).toContain(SECRET);
    expect([...configuration.files.keys()]).toContain(join(folder, 'key'));
    const printed = await configText(one.inputs, configuration);
    expect(printed).not.toContain(SECRET);
    expect(printed).toContain(join(folder, 'key'));
    expect((await read(await made(schema(door), printed))).config).toEqual(config);
    const missing = await refusal(await made(schema(door), house({ 'key-file': 'nowhere' })));
    expect(missing[0]).toMatch(/^config\.yml:1: house.*key-file: cannot read nowhere: no such file\.$/);
    const twice = await refusal(await made(schema(door), house({ key: SECRET, 'key-file': 'key' })));
    expect(twice[0]).toMatch(/key and config\.yml:1: house.*key-file are both given; leave one out\.$/);
  });

  it.skipIf(opaque(wrapper))('stands among known keys only', async () => {
    const strays = await refusal(await made(schema(door), house({ key: SECRET, opn: true })));
    expect(strays).toContainEqual(expect.stringMatching(/^config\.yml:1: house.*opn is unknown; did you mean open\?$/));
    expect(strays.join()).not.toContain(SECRET);
  });
});

describe('a secret that is a value by itself', () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ['in a map', z.record(z.string(), secret()), { a: SECRET }, { 'a-file': 'key' }],
    [
      'in a map of maps',
      z.record(z.string(), z.record(z.string(), secret())),
      { a: { b: SECRET } },
      { a: { 'b-file': 'key' } },
    ],
    ['in a list', z.array(secret()), [SECRET], undefined],
    ['in a tuple', z.tuple([z.number(), secret()]), [1, SECRET], undefined],
    ['or a number', z.union([z.number(), secret()]), SECRET, undefined],
    ['or nothing', secret().nullable(), SECRET, undefined],
    ['an object', z.object({ a: z.string(), b: z.number() }).meta({ secret: true }), { a: SECRET, b: 1 }, undefined],
    ['a number', z.number().meta({ secret: true }), 98_765_432, undefined],
    ['a list of numbers', z.array(z.number().meta({ secret: true })), [98_765_432], undefined],
    ['a switch', z.boolean().meta({ secret: true }), true, undefined],
    ['a list as a whole', z.array(z.string()).meta({ secret: true }), [SECRET], undefined],
    [
      'of a template',
      z.object({ it: z.templateLiteral(['h', z.string().meta({ secret: true })]) }),
      { it: SECRET },
      { 'it-file': 'key' },
    ],
    ['of a set', z.preprocess((list) => new Set(list as []), z.set(secret())), [SECRET], undefined],
  ])('%s', async (_, type, plain, inFile) => {
    const shape = { house: type };
    const one = await made(shape, JSON.stringify({ house: plain }));
    const printed = await configText(one.inputs, (await read(one)).configuration);
    expect(printed).toMatch(/^(house| {2}it): .*<secret>/m);
    expect(printed).not.toMatch(/hunter2|98765432/);
    if (JSON.stringify(plain).includes(SECRET)) expect(one.inputs.secrets.mask(SECRET)).toBe('<secret>');
    expect((await refusal(await made(shape, printed)))[0]).toMatch(/^config\.yml:\d+: house\S*: <secret> stands for/);
    if (inFile === undefined) return;
    const named = await made(shape, JSON.stringify({ house: inFile }));
    const { config, configuration } = await read(named);
    expect(config).toEqual({ house: plain });
    expect((await read(await made(shape, await configText(named.inputs, configuration)))).config).toEqual(config);
  });

  it('with a flag for its file, whatever else it may be', async () => {
    const shape = { pin: z.union([z.number(), secret()]).nullable(), key: secret().optional() };
    const argv = ['--pin-file', join(folder, 'key'), '--key-file', join(folder, 'key')];
    const one = await made(shape, '', argv);
    const { config, configuration } = await read(one);
    expect(config).toEqual({ pin: SECRET, key: SECRET });
    const printed = await configText(one.inputs, configuration);
    expect(printed).toContain(`\npin-file: ${join(folder, 'key')} # --pin-file\n`);
    expect((await read(await made(shape, printed))).config).toEqual(config);
  });
});

it('a secret in a circle is one, however often it goes round', async () => {
  const node: z.ZodType = z.object({
    key: secret(),
    next: z.lazy(() => node.describe('The next one.')).optional(),
    all: z.array(z.lazy(() => node)).optional(),
  });
  const shape = { first: z.object({ node }) };
  const plain = {
    first: { node: { key: 'one', next: { key: SECRET, next: { key: SECRET, all: [{ key: SECRET }] } } } },
  };
  const one = await made(shape, JSON.stringify(plain));
  const printed = await configText(one.inputs, (await read(one)).configuration);
  expect(printed).not.toContain(SECRET);
  expect(printed.match(/<secret>/g)).toHaveLength(4);
  expect(
    await refusal(await made(shape, 'first: { node: { key: a, next: { key: b, all: [{ key: c, nxt: 1 }] } } }')),
  ).toEqual(['config.yml:1: first.node.next.all[0].nxt is unknown; did you mean next?']);
});

describe('what is wrong', () => {
  const shape = {
    tills: z
      .record(z.string().regex(/^[a-z]+$/), z.object({ slot: z.number(), kind: z.enum(['coin', 'card']).optional() }))
      .default({}),
    way: z
      .discriminatedUnion('by', [
        z.object({ by: z.literal('bus'), line: z.int() }),
        z.object({ by: z.literal('foot') }),
      ])
      .optional(),
    door: z
      .union([z.boolean(), z.object({ open: z.boolean() }), z.object({ code: z.object({ digits: z.int() }) })])
      .optional(),
    strict: z.strictObject({ a: z.strictObject({ b: z.number().optional() }).loose() }).optional(),
  };
  const text = 'tills:\n  left:\n    slot: 1\n  right:\n    slot: two\n  Third: { slot: 3 }\n';

  it('is told by its path and line in the file', async () => {
    expect(await refusal(await made(shape, text))).toEqual([
      'config.yml:5: tills.right.slot: Invalid input: expected number, received string',
      expect.stringMatching(/^config\.yml:6: tills\.Third: invalid key "Third": Invalid string: must match pattern/),
    ]);
    expect(await refusal(await made(shape, 'way:\n  by: bus\n  line: 1.5\n  lane: 2\n'))).toEqual([
      'config.yml:4: way.lane is unknown; did you mean line?',
      expect.stringMatching(/^config\.yml:3: way\.line: .*expected int/),
    ]);
    expect(await refusal(await made(shape, 'way: { by: car }'))).toEqual([
      expect.stringMatching(/^config\.yml:1: way\.by: .*'bus' \| 'foot'/),
    ]);
    expect(await refusal(await made(shape, 'door:\n  code:\n    digits: x\n    digit: 3\n'))).toEqual([
      'config.yml:4: door.code.digit is unknown; did you mean digits?',
      expect.stringMatching(/^config\.yml:3: door\.code\.digits: .*expected number/),
    ]);
    expect(await refusal(await made(shape, 'strict: { a: { c: 1 }, d: 1 }'))).toEqual([
      'config.yml:1: strict.d is unknown; did you mean a?',
    ]);
  });

  it('is a misspelt key of a map in the settings of a collector, or of the name of a file there', async () => {
    const house = collector({
      name: 'house',
      metrics: {},
      config: z.object({ doors: z.record(z.string(), door).default({}) }),
      collect() {},
    });
    const inHouse = async (text: string): Promise<Made> => {
      const one = await made({}, text);
      return { ...one, inputs: { ...one.inputs, exporter: exporter({ name: 'x_exporter', collectors: [house] }) } };
    };
    const { inputs } = await inHouse('collector:\n  house:\n    doors:\n      front:\n        key-file: key\n');
    const { collectorSettings, files } = await configure(inputs);
    expect(collectorSettings.house).toEqual({ doors: { front: { key: SECRET } } });
    expect([...files.keys()]).toContain(join(folder, 'key'));
    const wrong = await inHouse(
      'collector:\n  house:\n    doors:\n      front:\n        kye-file: key\n        opne: true\n',
    );
    const problems = await configure(wrong.inputs).then(() => [], problemsOf);
    expect(problems.map((problem) => problem.replaceAll(`${folder}/`, ''))).toEqual([
      'config.yml:5: collector.house.doors.front.kye-file is unknown; did you mean key-file?',
      'config.yml:6: collector.house.doors.front.opne is unknown; did you mean open?',
      expect.stringMatching(/^config\.yml:4: collector\.house\.doors\.front\.key: /),
    ]);
  });

  it('is told by its path in flags and variables', async () => {
    expect(await refusal(await made(shape, '', ['--tills={"left":{"slot":1,"slod":2}}'], {}))).toEqual([
      '--tills: left.slod is unknown; did you mean slot?',
    ]);
    expect(await refusal(await made(shape, '', [], { X_EXPORTER_TILLS: '{"left":{"slot":"x"}}' }))).toEqual([
      expect.stringMatching(/^\$X_EXPORTER_TILLS: left\.slot: .*expected number/),
    ]);
  });

  it('is told of what is no JSON', async () => {
    expect(await refusal(await made(shape, '', ['--tills={left']))).toEqual([
      '--tills: Invalid input: expected record, received string; write it as JSON',
    ]);
  });

  it('is known to editors, too', async () => {
    type Tree = { name: string; kids?: Tree[] | undefined };
    const tree: z.ZodType<Tree> = z.object({ name: z.string(), kids: z.array(z.lazy(() => tree)).optional() });
    const one = await made(
      { tree: z.object({ top: tree }), doors: z.record(z.string(), door), key: secret().default(SECRET) },
      '',
    );
    const schema = JSON.parse(await configSchema(one.inputs, await allFlags(one.inputs)));
    expect(schema.properties.doors.additionalProperties).toEqual({
      type: 'object',
      properties: {
        key: { type: 'string' },
        'key-file': { type: 'string', description: 'File that holds key.' },
        open: { type: 'boolean', default: false },
      },
      required: [],
      additionalProperties: false,
    });
    expect(schema.properties.tree.properties.top.properties.name).toMatchObject({ type: 'string' });
    expect(JSON.stringify(schema)).not.toContain(SECRET);
  });

  it('names the file where collectors can not be made of what is in it', async () => {
    const one = await made({ size: z.number() }, 'size: 0\n');
    const collectors = (): never => {
      throw new Error('a shop has some size');
    };
    const inputs = { ...one.inputs, exporter: { ...one.inputs.exporter, collectors } as never };
    await expect(configure(inputs)).rejects.toThrow(`${join(folder, 'config.yml')}: a shop has some size`);
  });
});

describe('a schema that is not supported is refused by name', () => {
  const declared = async (config: unknown): Promise<unknown> => {
    const one = exporter({ name: 'x_exporter', config: config as never, collectors: () => [] });
    return configure(await configInputs(one, 1, [], {}, rememberSecrets()));
  };
  const old = (): z.ZodType => {
    const schema = z.string();
    Object.assign(schema._zod, { version: { major: 4, minor: 2, patch: 1 } });
    return schema;
  };

  it.each<[string, unknown, RegExp]>([
    ['zod 3', zod3.object({ a: zod3.string() }), /^config: is a schema of zod 3; use zod \^4\.3\.0, or z from/],
    [
      'zod 3 in zod 4',
      z.object({ a: z.object({ b: zod3.string() as never }) }),
      /^config\.a\.b: is a schema of zod 3; use/,
    ],
    ['an old zod 4', z.object({ a: z.array(old()) }), /^config\.a: is a schema of zod 4\.2\.1; use zod/],
    [
      'another library',
      { '~standard': { vendor: 'arktype', version: 1 }, parse() {} },
      /^config: is a schema of arktype; use/,
    ],
    [
      'what is no object',
      z.record(z.string(), z.string()),
      /^config: is not a z\.object\(\); its keys would be no settings/,
    ],
    ['what may be null', z.object({}).nullable(), /^config: is not a z\.object/],
  ])('%s', async (_, config, message) => {
    await expect(declared(config)).rejects.toThrow(message);
  });

  it('with the peer dependency as its range', async () => {
    const { peerDependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    await expect(declared(zod3.object({}))).rejects.toThrow(`use zod ${peerDependencies.zod}, or`);
  });
});
