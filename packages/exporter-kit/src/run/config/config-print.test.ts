import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { probe } from '../../collect/probe.ts';
import { configText } from './config-print.ts';
import { configure } from './configuration.ts';
import { configInputs } from './declared.ts';
import { duration, secret } from './schema/schemas.ts';
import { rememberSecrets } from './secrets.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-print-'));
  await writeFile(join(folder, 'key'), 'hunter2\n');
});
afterAll(() => rm(folder, { recursive: true }));

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const text = z.string();
const settings = {
  text: text.optional(),
  preset: text.default('12'),
  nothing: text.nullable().default('null'),
  number: z.number().optional(),
  either: z.union([z.string(), z.number()]).optional(),
  flag: z.boolean().default(true),
  wait: duration('5s'),
  texts: z.array(text).default(['no', '1.0', ' ']),
  numbers: z.array(z.number()).default([-1]),
  flags: z.array(z.boolean()).optional(),
  pair: z.tuple([text, z.number()]).optional(),
  map: z.record(z.string(), scalar).default({}),
  maps: z
    .record(
      z.string(),
      z.object({ key: text, 'odd key: #': z.array(scalar), more: z.record(z.string(), text).optional() }),
    )
    .default({}),
  any: z.json().optional(),
  group: z
    .object({
      deep: z.object({ er: text.default('#'), size: z.number().optional() }).optional(),
      wide: text.default('- x'),
    })
    .optional(),
  preGroup: z.object({ a: z.number().default(1), b: text.optional() }).default({ a: 7 }),
  inGroup: z.object({ a: z.number().default(1) }).prefault({}),
  '1': z.number().optional(),
  null: text.optional(),
  'a b': text.optional(),
};

const odd = fc.constantFrom(
  ...[
    '',
    ' ',
    'null',
    '~',
    'true',
    'no',
    'y',
    '0123',
    '1.10',
    '1e3',
    '-5',
    '.inf',
    '0x1f',
    '1_000',
    '2024-01-01',
    '<<',
    '=',
    '# no',
  ],
  ...[
    'a\nb',
    'a\r\nb\n',
    '\n',
    '\t',
    ' a',
    'a ',
    'a: b',
    '- a',
    '? a',
    '[',
    '{',
    '}',
    ',',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '%',
    '@',
    '`',
    '"',
    "'",
  ],
  ...[
    '---',
    '...',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'x'.repeat(3000),
    `${'word '.repeat(60)}\n${'word '.repeat(60)}`,
    'a # b',
    'é\u2028\u0085',
    '😀',
    '\u0000',
    '\ufeff',
  ],
);
const anyText = fc.oneof(odd, fc.string({ unit: 'grapheme', maxLength: 30 }));
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 1e21, -1e-7),
);
const leaf = fc.oneof(anyText, number, fc.boolean(), fc.constant(null));
const key = anyText.filter((word) => word !== '');
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const whole = fc.record(
  {
    text: anyText,
    preset: anyText,
    nothing: fc.option(anyText),
    number,
    either: fc.oneof(anyText, number),
    flag: fc.boolean(),
    wait: fc.constantFrom('0', '1m30s', '500ms'),
    texts: fc.array(anyText),
    numbers: fc.array(number),
    flags: fc.array(fc.boolean()),
    pair: fc.tuple(anyText, number),
    map: fc.dictionary(key, leaf),
    maps: fc.dictionary(
      key,
      fc.record(
        { key: anyText, 'odd key: #': fc.array(leaf), more: fc.dictionary(key, anyText) },
        { requiredKeys: ['key', 'odd key: #'] },
      ),
    ),
    any: json.filter((value) => value !== null),
    group: fc.record(
      { deep: fc.record({ er: anyText, size: number }, { requiredKeys: ['er'] }), wide: anyText },
      { requiredKeys: ['wide'] },
    ),
    'pre-group': fc.record({ a: number }),
    '1': number,
    null: anyText,
    'a b': anyText,
  },
  { requiredKeys: [] },
);

interface Given {
  readonly text: string;
  readonly argv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

async function load({ text: yaml, argv = [], env = {} }: Given) {
  const file = join(folder, 'config.yml');
  await writeFile(file, yaml);
  let config: unknown;
  const one = exporter({
    name: 'x_exporter',
    config: z.object(settings),
    collectors: (parsed) => {
      config = parsed;
      return [
        collector({
          name: 'it',
          metrics: {},
          config: z.object({ map: z.record(z.string(), text).default({ a: '1' }) }),
          collect() {},
        }),
        collector({ name: 'off', metrics: {}, enabled: false, collect() {} }),
      ];
    },
  });
  const inputs = await configInputs(one, 1, [`--config.file=${file}`, ...argv], env, rememberSecrets());
  const configuration = await configure(inputs);
  return { config, configuration, printed: await configText(inputs, configuration) };
}

const values = (printed: string): unknown => printed.replace(/ # (?!no|b).*$/gm, '');

describe('what --config.print prints can be loaded again, and is the same', () => {
  const again = async (given: Given): Promise<void> => {
    const first = await load(given);
    const second = await load({ text: first.printed });
    expect(second.config).toEqual(first.config);
    expect(second.configuration.collectorSettings).toEqual(
      expect.objectContaining({ it: expect.objectContaining(first.configuration.collectorSettings.it ?? {}) }),
    );
    expect(second.configuration.running.map(({ name }) => name)).toEqual(
      first.configuration.running.map(({ name }) => name),
    );
    expect(values((await load({ text: second.printed })).printed)).toEqual(values(second.printed));
  };

  it('from a file', async () => {
    await fc.assert(
      fc.asyncProperty(whole, (file) => again({ text: JSON.stringify(file) })),
      { numRuns: 30 },
    );
  });

  it('from flags and variables', async () => {
    const flags = fc.record({
      map: fc.dictionary(key, leaf),
      any: json.filter((value) => value !== null),
      text: anyText,
      texts: fc.array(anyText),
      number,
    });
    await fc.assert(
      fc.asyncProperty(flags, async ({ map, any, text: word, texts, number: n }) => {
        const argv = [
          `--any=${JSON.stringify(any)}`,
          `--text=${word}`,
          `--number=${n}`,
          ...texts.map((one) => `--texts=${one}`),
        ];
        await again({
          text: '',
          argv: [...argv, '--no-flag', '--no-collector.it', '--collector.off'],
          env: { X_EXPORTER_MAP: JSON.stringify(map) },
        });
      }),
      { numRuns: 20 },
    );
  });

  it('with nothing given', () => again({ text: '' }));

  it('and has no objects that were left out', async () => {
    const { printed, config } = await load({ text: '' });
    expect(config).toMatchObject({ preGroup: { a: 7 }, inGroup: { a: 1 } });
    expect(config).not.toHaveProperty('group');
    expect(printed).toContain('group:\n  deep:\n    # er: not given\n    # size: not given\n  # wide: not given\n');
    expect((await load({ text: 'group: { wide: x }' })).config).toMatchObject({ group: { wide: 'x' } });
  });
});

describe('modules', () => {
  const shop = exporter({
    name: 'x_exporter',
    probes: [
      probe({
        name: 'shop',
        metrics: {},
        config: z.object({
          doors: z.record(z.string(), z.object({ pin: secret(), open: z.boolean().default(false) })).default({}),
          headers: z.record(z.string(), z.string()).default({}),
          size: z.number().default(1),
        }),
        probe() {},
      }),
    ],
  });
  const secrets = rememberSecrets();
  const open = async (yaml: string) => {
    const file = join(folder, 'modules.yml');
    await writeFile(file, yaml);
    const inputs = await configInputs(shop, 1, [`--config.file=${file}`], {}, secrets);
    const configuration = await configure(inputs);
    return { configuration, printed: await configText(inputs, configuration) };
  };
  const modules =
    'modules:\n  a:\n    prober: shop\n    shop:\n      doors:\n        front: { pin-file: key, open: true }\n      headers: { "odd: key": "multi\\nline" }\n';

  it('are printed so that they can be loaded again, with files in place of secrets', async () => {
    const { configuration, printed } = await open(modules);
    const config = {
      doors: { front: { pin: 'hunter2', open: true } },
      headers: { 'odd: key': 'multi\nline' },
      size: 1,
    };
    const configOf = (one: typeof configuration): unknown =>
      (one.sections.get('modules') as Map<string, { config: unknown }>).get('a')?.config;
    expect(configOf(configuration)).toEqual(config);
    expect([...configuration.files.keys()]).toContain(join(folder, 'key'));
    expect(secrets.mask('hunter2')).toBe('<secret>');
    expect(printed).not.toContain('hunter2');
    expect(configOf((await open(printed)).configuration)).toEqual(config);
  });

  it.each([
    [
      'headers: { Authorization: Bearer abc }',
      /modules\.yml:\d+: modules\.a\.shop\.headers\.Authorization: <secret> stands for/,
    ],
    ['doors: { front: { pin: "1234" } }', /modules\.yml:\d+: modules\.a\.shop\.doors\.front\.pin: <secret> stands for/],
    ['headers: { Via: "http://u:hunter2@proxy/" }', /modules\.a\.shop\.headers\.Via: <secret> stands for/],
  ])('are refused where a secret was left out: %s', async (section, message) => {
    const { printed } = await open(`modules: { a: { prober: shop, shop: { ${section} } } }`);
    expect(printed).not.toMatch(/abc|1234|hunter2/);
    await expect(open(printed)).rejects.toThrow(message);
  });

  it.each([
    [
      'doors: { front: { pin: "1", opne: true } }',
      /^\S+modules\.yml:4: modules\.a\.shop\.doors\.front\.opne is unknown; did you mean open\?$/,
    ],
    [
      'doors: { front: { open: true } }',
      /^\S+modules\.yml:4: modules\.a\.shop\.doors\.front\.pin: Invalid input: expected string/,
    ],
    [
      'doors: { front: { pin-file: nowhere } }',
      /^\S+modules\.yml:4: modules\.a\.shop\.doors\.front\.pin-file: cannot read \S+nowhere: no such file/,
    ],
    ['sise: 3', /^\S+modules\.yml:4: modules\.a\.shop\.sise is unknown; did you mean size\?$/],
  ])('are as strict: %s', async (section, message) => {
    await expect(open(`modules:\n  a:\n    prober: shop\n    shop: { ${section} }`)).rejects.toThrow(message);
  });
});
