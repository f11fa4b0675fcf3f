import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collector } from '../../collect/collector.ts';
import { type Exporter, exporter } from '../../collect/exporter.ts';
import { probe } from '../../collect/probe.ts';
import { source } from '../../collect/source/source.ts';
import { gauge } from '../../metric/declare.ts';
import type { Modules } from '../../probe/modules.ts';
import { problemsOf } from './config-error.ts';
import { configText } from './config-print.ts';
import { configSchema } from './config-schema.ts';
import { configure } from './configuration.ts';
import { allFlags, configInputs } from './declared.ts';
import { duration, secret } from './schema/schemas.ts';
import { rememberSecrets } from './secrets.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-modules-'));
  await writeFile(join(folder, 'pw'), 'hunter2\n');
});
afterAll(() => rm(folder, { recursive: true }));

const redis = source({
  name: 'redis',
  up: gauge({ name: 'redis_up', help: 'Whether the server answered.' }),
  config: z.object({
    addr: z.string().default('redis://127.0.0.1:6379'),
    user: z.string().optional(),
    password: secret().optional(),
    connectTimeout: duration('5s'),
    db: z.int().optional(),
  }),
  target: 'addr',
  read: () => undefined,
});
const info = collector({ name: 'info', source: redis, metrics: {}, collect() {} });
const slowlog = collector({ name: 'slowlog', source: redis, metrics: {}, enabled: false, collect() {} });
const other = collector({ name: 'other', metrics: {}, collect() {} });
const ping = probe({ name: 'ping', metrics: {}, probe() {} });
const shop = exporter({ name: 'shop_exporter', collectors: [info, slowlog, other], probes: [redis, ping] });

async function load(text: string, program: Exporter = shop) {
  const file = join(folder, 'config.yml');
  await writeFile(file, text);
  const secrets = rememberSecrets();
  const inputs = await configInputs(program, 1, [`--config.file=${file}`], {}, secrets);
  const configuration = await configure(inputs);
  return { inputs, configuration, secrets, modules: configuration.sections.get('modules') as Modules };
}

async function refused(text: string, program?: Exporter): Promise<string[]> {
  const error = await load(text, program).then(
    () => new Error('was read'),
    (thrown: unknown) => thrown,
  );
  return problemsOf(error).map((problem) => problem.replaceAll(`${folder}/`, ''));
}

const corp = [
  'modules:',
  '  corp:',
  '    prober: redis',
  '    timeout: 3s',
  '    collectors: [info, slowlog]',
  '    targets: ["*.corp:6379", 10.1.2.3]',
  '    redis:',
  '      user: mon',
  '      password-file: pw',
  '      connect-timeout: 1s',
  '',
].join('\n');

describe('a module of a source', () => {
  it('has the settings of a target, but for the target', async () => {
    const { modules, configuration, secrets } = await load(corp);
    expect(modules.get('corp')).toMatchObject({
      source: redis,
      timeoutMs: 3000,
      collectors: ['info', 'slowlog'],
      targets: ['*.corp:6379', '10.1.2.3'],
      settings: { user: 'mon', password: 'hunter2', connectTimeout: '1s' },
      isSecret: true,
    });
    expect([...configuration.files.keys()]).toContain(join(folder, 'pw'));
    expect(secrets.mask('hunter2')).toBe('<secret>');
  });

  it('is each source under its own name where none is given', async () => {
    expect((await load('')).modules.get('redis')).toMatchObject({ source: redis, settings: {}, isSecret: false });
    const strict = source({
      name: 'strict',
      up: gauge({ name: 'strict_up', help: 'Whether it answered.' }),
      config: z.object({ url: z.url(), token: secret() }),
      target: 'url',
      read: () => undefined,
    });
    const program = exporter({
      name: 'x_exporter',
      collectors: [collector({ name: 'one', source: strict, metrics: {}, collect() {} })],
      probes: [strict],
    });
    const { modules, configuration } = await load('', program);
    expect([modules.size, configuration.targets.get(strict)]).toEqual([0, []]);
    expect(await refused('strict: { url: "none" }', program)).toEqual([
      expect.stringMatching(/^config\.yml:1: strict\.url: /),
    ]);
  });

  it('is printed without its secrets, and can be loaded again', async () => {
    const { inputs, configuration, modules } = await load(corp);
    const printed = await configText(inputs, configuration);
    expect(printed).not.toContain('hunter2');
    expect(printed).toContain(
      `    redis:\n      user: mon\n      password-file: ${folder}/pw\n      connect-timeout: 1s\n`,
    );
    const again = (await load(printed)).modules.get('corp');
    expect(again).toMatchObject({ settings: modules.get('corp') && { user: 'mon', password: 'hunter2' } });
    const plain = await load(corp.replace('password-file: pw', 'password: hunter2'));
    const masked = await configText(plain.inputs, plain.configuration);
    expect(masked).not.toContain('hunter2');
    expect((await refused(masked))[0]).toMatch(/modules\.corp\.redis\.password: <secret> stands for/);
  });

  it('is in the schema', async () => {
    const { inputs } = await load('');
    const { properties } = JSON.parse(await configSchema(inputs, await allFlags(inputs)));
    const module = properties.modules.additionalProperties;
    expect(module.properties.prober).toEqual({ enum: ['ping', 'redis'] });
    expect(Object.keys(module.properties.redis.properties)).toEqual([
      'user',
      'password',
      'password-file',
      'connect-timeout',
      'db',
    ]);
    expect(module.properties.redis.additionalProperties).toBe(false);
    expect(module.properties).toMatchObject({ collectors: { type: 'array' }, targets: { type: 'array' } });
  });

  const inModule = (line: string, settings = ''): string =>
    `modules:\n  a:\n    prober: redis\n    ${line}\n${settings === '' ? '' : `    redis:\n      ${settings}\n`}`;
  it.each([
    [
      inModule('timeout: 1s', 'password: hunter2'),
      'config.yml:2: modules.a.targets: is missing: the settings of redis hold a secret; list the targets it may be sent to, such as ["*.example.com:6379"].',
    ],
    [
      inModule('timeout: 1s', 'password-file: pw'),
      expect.stringMatching(/^config\.yml:2: modules\.a\.targets: is missing: the settings of redis hold a secret/),
    ],
    [
      inModule('timeout: 1s', 'addr: x'),
      'config.yml:6: modules.a.redis.addr is filled by /probe?target=; remove the key.',
    ],
    [inModule('timeout: 1s', 'usr: x'), 'config.yml:6: modules.a.redis.usr is unknown; did you mean user?'],
    [
      inModule('timeout: 1s', 'connectTimeout: 1s'),
      'config.yml:6: modules.a.redis.connectTimeout is unknown; did you mean connect-timeout?',
    ],
    [
      inModule('timeout: 1s', 'db: 1.5'),
      expect.stringMatching(/^config\.yml:6: modules\.a\.redis\.db: .*expected int/),
    ],
    [
      inModule('timeout: 1s', 'connect-timeout: soon'),
      expect.stringMatching(/^config\.yml:6: modules\.a\.redis\.connect-timeout: "soon" is not/),
    ],
    [inModule('redis: x'), 'config.yml:4: modules.a.redis: must be a map with settings of redis.'],
    [
      inModule('targets: "*"'),
      'config.yml:4: modules.a.targets: must be a list of rules, such as ["*.example.com:6379"].',
    ],
    [
      inModule('targets: []'),
      'config.yml:4: modules.a.targets: must be a list of rules, such as ["*.example.com:6379"].',
    ],
    [
      inModule('targets: [10.0.0.0/33]'),
      expect.stringMatching(/^config\.yml:4: modules\.a\.targets\[0\]: the rule "10\.0\.0\.0\/33"/),
    ],
    [
      inModule('collectors: [other]'),
      'config.yml:4: modules.a.collectors[0]: "other" is not a collector of this source; known: info, slowlog.',
    ],
    [inModule('collectors: info'), 'config.yml:4: modules.a.collectors: must be a list of names.'],
    [inModule('target: [x]'), 'config.yml:4: modules.a.target: is unknown; did you mean targets?'],
    [
      'modules: { a: { prober: ping, collectors: [info] } }',
      expect.stringMatching(/^config\.yml:1: modules\.a\.collectors: is unknown; known: /),
    ],
  ])('is refused: %j', async (text, message) => {
    expect(await refused(text)).toEqual([message]);
  });
});

it('probes may depend on the config', async () => {
  const config = z.object({ probing: z.boolean().default(false) });
  const program = exporter({
    name: 'shop_exporter',
    config,
    collectors: () => [info],
    probes: ({ probing }) => (probing ? [redis] : []),
  });
  const on = await load('probing: true\nmodules: { a: { prober: redis } }\n', program);
  expect([...on.modules.keys()]).toEqual(['a']);
  expect(on.configuration.flags.map(({ name }) => name)).toContain('probe.idle-timeout');
  expect(await configText(on.configuration.inputs, on.configuration)).toContain('modules:\n  a:\n    prober: redis\n');
  const again = await configure(on.inputs, on.configuration);
  expect(again.inputs.exporter).toBe(on.configuration.inputs.exporter);
  const off = await load('', program);
  expect(off.configuration.inputs.exporter.probed).toEqual([]);
  expect(await refused('modules: { a: { prober: redis } }', program)).toEqual([
    expect.stringMatching(/^config\.yml:1: modules is unknown/),
  ]);
});

it('a source in probes must say which setting the target fills', () => {
  const { target: _, ...untargeted } = redis;
  expect(() => exporter({ name: 'x_exporter', probes: [untargeted] })).toThrow(
    'source redis: /probe?target= fills no setting; name one as `target`, or remove it from probes.',
  );
  expect(() =>
    exporter({ name: 'x_exporter', probes: [redis, probe({ name: 'redis', metrics: {}, probe() {} })] }),
  ).toThrow('two probes are called "redis"');
});
