import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collector } from '../../collect/collector.ts';
import { type Exporter, exporter } from '../../collect/exporter.ts';
import { source } from '../../collect/source/source.ts';
import { gauge } from '../../metric/declare.ts';
import { helpText } from '../flags/help.ts';
import { problemsOf } from './config-error.ts';
import { configText } from './config-print.ts';
import { configSchema } from './config-schema.ts';
import { configure } from './configuration.ts';
import { allFlags, configInputs } from './declared.ts';
import { duration, secret } from './schema/schemas.ts';
import { rememberSecrets } from './secrets.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'source-targets-'));
  await writeFile(join(folder, 'a.pw'), 'password of a\n');
  await writeFile(join(folder, 'b.pw'), 'password of b\n');
});
afterAll(() => rm(folder, { recursive: true }));

const up = gauge({ name: 'redis_up', help: 'Whether the server answered.' });
const redis = source({
  name: 'redis',
  up,
  label: 'server',
  config: z.object({
    addr: z.string().default('redis://127.0.0.1:6379'),
    user: z.string().optional(),
    password: secret().optional(),
    connectTimeout: duration('5s'),
    db: z.int().optional(),
    tls: z.object({ caFile: z.string().optional(), clientKey: secret().optional() }).optional(),
    keys: z.record(z.string(), z.object({ pattern: z.string(), token: secret().optional() })).default({}),
  }),
  read: () => undefined,
});
const reads = (one: ReturnType<typeof source>) => collector({ name: 'info', source: one, metrics: {}, collect() {} });
const shop = exporter({ name: 'shop_exporter', collectors: [reads(redis)] });

interface Given {
  readonly argv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly program?: Exporter;
}

async function load(text: string, { argv = [], env = {}, program = shop }: Given = {}) {
  const file = join(folder, 'config.yml');
  await writeFile(file, text);
  const secrets = rememberSecrets();
  const inputs = await configInputs(program, 1, [`--config.file=${file}`, ...argv], env, secrets);
  const configuration = await configure(inputs);
  const [targets = []] = [...configuration.targets.values()];
  return { configuration, inputs, secrets, targets };
}

async function refused(text: string, given?: Given): Promise<string[]> {
  const error = await load(text, given).then(
    () => new Error('was read'),
    (thrown: unknown) => thrown,
  );
  return problemsOf(error).map((problem) => problem.replaceAll(`${folder}/`, ''));
}

const config = { addr: 'redis://127.0.0.1:6379', connectTimeout: 5000, keys: {} };

describe('settings of a source', () => {
  it('make one target without a name', async () => {
    expect((await load('')).targets).toEqual([{ settings: {}, config }]);
    expect((await load('redis: { addr: redis://db:6379, connect-timeout: 1s, tls: { ca-file: ca } }')).targets).toEqual(
      [
        {
          settings: { addr: 'redis://db:6379', connectTimeout: '1s', tls: { caFile: 'ca' } },
          config: { ...config, addr: 'redis://db:6379', connectTimeout: 1000, tls: { caFile: 'ca' } },
        },
      ],
    );
  });

  it('are flags and variables', async () => {
    const { targets } = await load('redis: { addr: file, user: file, db: 1 }', {
      argv: ['--redis.addr=flag', `--redis.password-file=${join(folder, 'a.pw')}`],
      env: { SHOP_EXPORTER_REDIS_ADDR: 'environment', SHOP_EXPORTER_REDIS_USER: 'environment' },
    });
    expect(targets[0]?.settings).toEqual({ addr: 'flag', user: 'environment', db: 1, password: 'password of a' });
  });

  it.each([
    ['redis: { adr: x }', 'config.yml:1: redis.adr is unknown; did you mean addr?'],
    ['redis:\n  tls: { ca-fil: x }', 'config.yml:2: redis.tls.ca-fil is unknown; did you mean ca-file?'],
    ['redis: { db: 1.5 }', expect.stringMatching(/^config\.yml:1: redis\.db: .*expected int/)],
    ['redis: x', 'config.yml:1: redis is a map; write the keys below it.'],
    ['redis: { password-file: nowhere }', 'config.yml:1: redis.password-file: cannot read nowhere: no such file.'],
    [
      'redis:\n  keys:\n    a: { patern: x, pattern: y }',
      'config.yml:3: redis.keys.a.patern is unknown; did you mean pattern?',
    ],
  ])('are refused: %j', async (text, message) => {
    expect(await refused(text)).toEqual([message]);
  });
});

describe('named targets', () => {
  const text = [
    'redis:',
    '  user: mon',
    '  password-file: a.pw',
    '  tls: { ca-file: ca }',
    '  targets:',
    '    db-1: { addr: redis://db-1:6379 }',
    '    db_1: { addr: redis://db_1:6379, password-file: b.pw, tls: { client-key-file: b.pw } }',
    '    "a b: c": { password: inline password, user: 123 }',
    '    d.e: { keys: { k: { pattern: "*", token-file: b.pw } } }',
    '',
  ].join('\n');

  it('begin with what stands beside them', async () => {
    const { targets, configuration } = await load(text);
    const base = { user: 'mon', password: 'password of a', tls: { caFile: 'ca' } };
    expect(targets.map(({ name, settings }) => ({ name, settings }))).toEqual([
      { name: 'db-1', settings: { ...base, addr: 'redis://db-1:6379' } },
      {
        name: 'db_1',
        settings: {
          user: 'mon',
          addr: 'redis://db_1:6379',
          password: 'password of b',
          tls: { caFile: 'ca', clientKey: 'password of b' },
        },
      },
      { name: 'a b: c', settings: { ...base, user: '123', password: 'inline password' } },
      { name: 'd.e', settings: { ...base, keys: { k: { pattern: '*', token: 'password of b' } } } },
    ]);
    expect(targets[0]?.config).toEqual({ ...config, ...base, addr: 'redis://db-1:6379' });
    expect([...configuration.files.keys()]).toEqual(['config.yml', 'a.pw', 'b.pw'].map((file) => join(folder, file)));
  });

  it('may come from a flag or a variable, which replace those of the file', async () => {
    const json = `{"c":{"addr":"redis://c:6379","password-file":"${join(folder, 'b.pw')}"}}`;
    const settings = { user: 'mon', addr: 'redis://c:6379', password: 'password of b', tls: { caFile: 'ca' } };
    const byFlag = await load(text, { argv: [`--redis.targets=${json}`] });
    expect(byFlag.targets).toEqual([expect.objectContaining({ name: 'c', settings })]);
    const byVariable = await load(text, { env: { SHOP_EXPORTER_REDIS_TARGETS: json } });
    expect(byVariable.targets).toEqual(byFlag.targets);
  });

  it('may be none', async () => {
    expect((await load('redis: { targets: {} }')).targets).toEqual([]);
  });

  it('change with the contents of their files', async () => {
    const before = (await load(text)).targets;
    await writeFile(join(folder, 'b.pw'), 'rotated\n');
    const after = (await load(text)).targets;
    await writeFile(join(folder, 'b.pw'), 'password of b\n');
    expect(after[0]).toEqual(before[0]);
    expect(after[1]?.settings).toMatchObject({ password: 'rotated', tls: { clientKey: 'rotated' } });
  });

  const target = (inner: string): string => `redis:\n  targets:\n    one:\n      ${inner}\n`;
  it.each([
    [target('adr: x'), 'config.yml:4: redis.targets.one.adr is unknown; did you mean addr?'],
    [
      target('connectTimeout: 5s'),
      'config.yml:4: redis.targets.one.connectTimeout is unknown; did you mean connect-timeout?',
    ],
    [target('pasword-file: x'), 'config.yml:4: redis.targets.one.pasword-file is unknown; did you mean password-file?'],
    [target('targets: {}'), expect.stringMatching(/^config\.yml:4: redis\.targets\.one\.targets is unknown/)],
    [target('db: one'), 'config.yml:4: redis.targets.one.db must be a number.'],
    [target('db: 1.5'), expect.stringMatching(/^config\.yml:4: redis\.targets\.one\.db: .*expected int/)],
    [target('addr: [x]'), 'config.yml:4: redis.targets.one.addr must be a string.'],
    [target('addr:'), 'config.yml:4: redis.targets.one.addr has no value; write one, or leave the key out.'],
    [target('tls: { ca-fil: x }'), 'config.yml:4: redis.targets.one.tls.ca-fil is unknown; did you mean ca-file?'],
    [
      target('keys: { k: { token-file: a.pw } }'),
      expect.stringMatching(/^config\.yml:4: redis\.targets\.one\.keys\.k\.pattern: /),
    ],
    [
      target('password-file: nowhere'),
      'config.yml:4: redis.targets.one.password-file: cannot read nowhere: no such file.',
    ],
    [
      target('{ password: a, password-file: b }'),
      'config.yml:4: redis.targets.one.password and config.yml:4: redis.targets.one.password-file are both given; leave one out.',
    ],
    [
      target('connect-timeout: soon'),
      expect.stringMatching(/^config\.yml:4: redis\.targets\.one\.connect-timeout: "soon" is not/),
    ],
    [
      'redis: { targets: { one: } }',
      'config.yml:1: redis.targets.one must be a map of settings; write {} if it has none of its own.',
    ],
    ['redis: { targets: { one: redis://x } }', 'config.yml:1: redis.targets.one must be a map of settings.'],
    ['redis: { targets: [x] }', 'config.yml:1: redis.targets must be a map from names to settings.'],
    ['redis: { targets: }', 'config.yml:1: redis.targets has no value; write one, or leave the key out.'],
    [
      'redis:\n  db: 1.5\n  targets: { a: {}, b: {} }',
      expect.stringMatching(/^config\.yml:2: redis\.db: .*expected int/),
    ],
    ['redis:\n  db: 1.5\n  targets: {}', expect.stringMatching(/^config\.yml:2: redis\.db: .*expected int/)],
  ])('are refused: %j', async (yaml, message) => {
    expect(await refused(yaml)).toEqual([message]);
  });

  it.each([
    ['{"a":{"adr":1}}', '--redis.targets: a.adr is unknown; did you mean addr?'],
    ['{"a":{"db":"1"}}', '--redis.targets: a.db must be a number.'],
    ['{"":{}}', '--redis.targets: a target has the name ""; write another.'],
    ['{"a"', '--redis.targets must be a map from names to settings.'],
  ])('are refused from a flag: %s', async (json, message) => {
    expect(await refused('', { argv: [`--redis.targets=${json}`] })).toEqual([message]);
  });

  it('are printed with their origins, and can be loaded again', async () => {
    const { configuration, inputs, targets, secrets } = await load(
      text.replace('"a b: c": { password: inline password,', '"a b: c": {'),
    );
    const printed = await configText(inputs, configuration);
    const at = (line: number, path: string): string => `# ${folder}/config.yml:${line}: redis.${path}`;
    expect(printed).toContain(`  targets: ${at(5, 'targets')}
    db-1:
      addr: redis://db-1:6379 ${at(6, 'targets.db-1.addr')}
    db_1:
      addr: redis://db_1:6379 ${at(7, 'targets.db_1.addr')}
      password-file: ${folder}/b.pw ${at(7, 'targets.db_1.password-file')}
      tls:
        client-key-file: ${folder}/b.pw ${at(7, 'targets.db_1.tls.client-key-file')}
    "a b: c":
      user: "123" ${at(8, 'targets.a b: c.user')}
    d.e:
      keys: { k: { pattern: "*", token-file: ${folder}/b.pw } } ${at(9, 'targets.d.e.keys')}
`);
    const parsed = (of: typeof targets) => of.map(({ name, config: one }) => ({ name, one }));
    expect(parsed((await load(printed)).targets)).toEqual(parsed(targets));
    expect(secrets.mask('password of a, password of b')).toBe('<secret>, <secret>');
  });

  it('are printed without secrets', async () => {
    const { configuration, inputs } = await load(text);
    const printed = await configText(inputs, configuration);
    expect(printed).not.toContain('inline');
    expect(printed).toMatch(/^ {6}password: <secret> # /m);
    expect(await refused(printed)).toEqual([
      expect.stringMatching(
        /^config\.yml:\d+: redis\.targets\.a b: c\.password: <secret> stands for what --config\.print/,
      ),
    ]);
    const byFlag = await load('', { argv: ['--redis.targets={"a":{"password":"inline password"},"b":{}}'] });
    const again = await configText(byFlag.inputs, byFlag.configuration);
    expect(again).toContain(
      '  targets: # --redis.targets\n    a: {}\n      # password: <secret> # --redis.targets: a.password\n    b: {}\n',
    );
    expect((await load(again)).targets.map(({ name }) => name)).toEqual(['a', 'b']);
    const none = await load('redis: { targets: {} }');
    expect(await configText(none.inputs, none.configuration)).toMatch(/^ {2}targets: \{\} # .*yml:1: redis\.targets$/m);
  });

  it.each([
    ['redis://u:hunter2@db', 'redis://u:<secret>@db'],
    ['redis://:hunter2@db/1', 'redis://:<secret>@db/1'],
    ['postgres:///shop?host=/run&password=hunter2', 'postgres:///shop?host=/run&password=<secret>'],
  ])('are refused where a password was left out of the URL: %s', async (addr, masked) => {
    for (const [written, path] of [
      [`redis: { addr: "${addr}" }`, 'addr'],
      [`redis: { targets: { a: { addr: "${addr}" } } }`, 'targets.a.addr'],
    ] as const) {
      const { configuration, inputs } = await load(written);
      const printed = await configText(inputs, configuration);
      expect(printed).toMatch(new RegExp(`addr: "?${masked.replace('?', '\\?')}"? # `));
      expect(printed).not.toContain('hunter2');
      expect(await refused(printed)).toEqual([
        expect.stringMatching(
          new RegExp(`^config\\.yml:\\d+: redis\\.${path}: <secret> in the URL stands for a password .*; write it\\.$`),
        ),
      ]);
    }
    const given = await load(`redis: { addr: "${masked}" }`, { argv: [`--redis.addr=${addr}`] });
    expect(given.targets).toEqual([expect.objectContaining({ config: expect.objectContaining({ addr }) })]);
  });

  it('are in the schema and in help', async () => {
    const { inputs } = await load('');
    const all = await allFlags(inputs);
    const { properties } = JSON.parse(await configSchema(inputs, all));
    const { additionalProperties: one } = properties.redis.properties.targets;
    expect(properties.redis.properties.addr).toMatchObject({ type: 'string', default: config.addr });
    expect(one.additionalProperties).toBe(false);
    expect(one.properties.addr).toEqual({ description: 'Sets addr.', type: 'string' });
    expect(one.properties['password-file']).toMatchObject({ type: 'string' });
    expect(one.properties.tls.properties['client-key-file']).toMatchObject({ type: 'string' });
    const help = helpText('shop_exporter', 'A shop.', all.flags);
    for (const line of [
      '--redis.addr=',
      '$SHOP_EXPORTER_REDIS_ADDR',
      '--redis.targets=JSON',
      '--redis.tls.client-key-file=FILE',
    ]) {
      expect(help).toContain(line);
    }
  });
});

describe('a required setting', () => {
  const queue = source({
    name: 'queue',
    up: gauge({ name: 'queue_up', help: 'Whether the queue answered.' }),
    config: z
      .object({ url: z.url(), size: z.int().optional() })
      .refine(({ size = 0 }) => size < 9, 'size is too large'),
    read: () => undefined,
  });
  const program = exporter({ name: 'queue_exporter', collectors: [reads(queue)] });

  it('is refused if it is missing, with its place', async () => {
    expect(await refused('', { program })).toEqual([expect.stringMatching(/^--queue\.url: .*expected string/)]);
    expect(await refused('queue:\n  targets:\n    a: { url: "http://a" }\n    b: {}\n', { program })).toEqual([
      expect.stringMatching(/^config\.yml:4: queue\.targets\.b\.url: .*expected string/),
    ]);
    expect(await refused('queue:\n  targets:\n    a: { url: "http://a", size: 9 }\n', { program })).toEqual([
      'config.yml:3: queue.targets.a: size is too large',
    ]);
  });

  it('may be the same for all targets', async () => {
    const { targets } = await load('queue: { url: "http://a", targets: { a: {}, b: { size: 1 } } }', { program });
    expect(targets.map((one) => one.config)).toEqual([{ url: 'http://a' }, { url: 'http://a', size: 1 }]);
  });
});

describe('the name of a source', () => {
  const named = (name: string) =>
    source({ name, up, config: z.object({ addr: z.string().default('') }), read: () => 0 });

  it.each(['web', 'log', 'collector', 'modules', 'probe', 'config'])('may not be %s', async (name) => {
    const program = exporter({ name: 'x_exporter', collectors: [reads(named(name))] });
    await expect(load('', { program })).rejects.toThrow(
      `source ${name}: "${name}" is the name of other settings; rename the source.`,
    );
  });

  it("may not be that of the exporter's own settings", async () => {
    const own = z.object({ shop: z.object({ size: z.number().default(1) }).prefault({}) });
    const program = exporter({ name: 'x_exporter', config: own, collectors: () => [reads(named('shop'))] });
    await expect(load('', { program })).rejects.toThrow('source shop: "shop" is the name of other settings');
  });
});
