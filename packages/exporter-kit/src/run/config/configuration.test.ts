import { writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { collector } from '../../collect/collector.ts';
import { exporter } from '../../collect/exporter.ts';
import { gatherer } from '../../collect/scrape/gather.ts';
import { problemsOf } from './config-error.ts';
import type { ConfigSections } from './config-sections.ts';
import { type Configuration, configure } from './configuration.ts';
import { configInputs } from './declared.ts';
import { duration, secret } from './schema/schemas.ts';
import { rememberSecrets, type Secrets } from './secrets.ts';
import { digestNow } from './watched-files.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'configuration-'));
  await writeFile(join(folder, 'password'), 'hunter2\r\n\n');
});
afterAll(() => rm(folder, { recursive: true }));

const shop = exporter({
  name: 'shop_exporter',
  config: z.object({
    shop: z.string().default('corner'),
    size: z.number().default(1),
    timeout: duration('5s'),
    password: secret().optional(),
    shelves: z.array(z.object({ name: z.string(), height: z.number() })).default([]),
    tills: z.record(z.string(), z.object({ key: secret(), open: z.boolean() })).default({}),
  }),
  collectors: () => [
    collector({ name: 'size', metrics: {}, collect() {} }),
    collector({
      name: 'greeting',
      metrics: {},
      config: z.object({ word: z.string().default('hello'), times: z.array(z.int()).default([1]) }),
      collect() {},
    }),
    collector({ name: 'leaky', metrics: {}, enabled: false, collect() {} }),
  ],
});

interface Given {
  readonly argv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly sections?: ConfigSections;
  readonly earlier?: Configuration;
  readonly secrets?: Secrets;
}

async function configured(
  text: string,
  { argv = [], env = {}, sections = {}, earlier, secrets = rememberSecrets() }: Given = {},
): Promise<Configuration> {
  const file = join(folder, 'config.yml');
  await writeFile(file, text);
  const inFolder = (value: string | undefined): string => value?.replace('FOLDER', folder) ?? '';
  const given = [`--config.file=${file}`, ...argv.map(inFolder)];
  const environment = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, inFolder(value)]));
  const inputs = await configInputs(shop, 1, given, environment, secrets);
  return configure({ ...inputs, sections }, earlier);
}

/** All that is wrong, with the names of files as they are in the folder. */
async function refused(text: string, given?: Given): Promise<string[]> {
  const error = await configured(text, given).then(
    () => new Error('nothing'),
    (thrown) => thrown,
  );
  return problemsOf(error).map((problem) => problem.replaceAll(`${folder}/`, ''));
}

describe('a config file', () => {
  it.each([
    ['shap: x', /^config\.yml:1: shap is unknown; did you mean shop\?$/],
    ['web:\n  listen-adress: :1', /^config\.yml:2: web\.listen-adress is unknown; did you mean listen-address\?$/],
    ['listen-address: :1', /^config\.yml:1: listen-address is unknown; it is web: listen-address\.$/],
    ['web.listen-address: :1', /^config\.yml:1: web\.listen-address is unknown; it is web: listen-address\.$/],
    ['zzzzzz: 1', /^config\.yml:1: zzzzzz is unknown; --config\.schema prints what is known\.$/],
    ['once: true', /once is unknown/],
    ['config: { file: x }', /config is unknown/],
    ['# first\nsize: large', /^config\.yml:2: size must be a number\.$/],
    ['size: "5"', /size must be a number/],
    ['shop: [a]', /shop must be a string/],
    ['shop:', /shop has no value; write one, or leave the key out/],
    ['web: 5', /web is a map; write the keys below it/],
    ['collector: { greeting: maybe }', /collector\.greeting must be true or false/],
    ['collector:\n  greeting: { times: 1 }', /^config\.yml:2: collector\.greeting\.times must be a list of numbers/],
    [
      'collector:\n  greeting:\n    times:\n      - 1.5',
      /^config\.yml:4: collector\.greeting\.times\[0\]: .*expected int/,
    ],
    ['collector: { leaky: { word: x } }', /collector\.leaky\.word is unknown|leaky must be true or false/],
    ['timeout: 5 seconds', /^config\.yml:1: timeout: "5 seconds" is not a duration; write 15s, 1m30s or 500ms\.$/],
    ['web: { drain-delay: soon }', /^config\.yml:1: web\.drain-delay: "soon" is not a duration/],
    ['web: { max-requests: -1 }', /^config\.yml:1: web\.max-requests: "-1" is not a whole number/],
    ['log: { level: loud }', /^config\.yml:1: log\.level: "loud" is unknown/],
    ['shelves: [{ name: top }]', /^config\.yml:1: shelves\[0\]\.height: .*expected number/],
    ['size: 1\nsize: 2', /^config\.yml:2: size: duplicate key/],
    ['size: !!int 5', /^config\.yml:1: size: tags are not allowed/],
    ['shop: &a x\nsize: *a', /anchors and aliases/],
    ['size: 1\n---\nsize: 2', /second document/],
    ['- size', /^config\.yml:1: a config file is a map/],
    ['size: 1\n\tshop: x', /^config\.yml:2: /],
  ])('is refused: %j', async (text, message) => {
    expect(await refused(text)).toEqual([expect.stringMatching(message)]);
  });

  it('is told with all that is wrong', async () => {
    expect(await refused('shap: x\nsize: large\nweb: 5')).toEqual([
      expect.stringMatching(/^config\.yml:1: shap is unknown/),
      'config.yml:2: size must be a number.',
      'config.yml:3: web is a map; write the keys below it.',
    ]);
  });

  it('keeps collectors whose exporter has the same config', async () => {
    const first = await configured('size: 2');
    const same = await configured('size: 2\ncollector: { leaky: true }', { earlier: first });
    expect(same.collectors).toBe(first.collectors);
    expect(same.running.map(({ name }) => name)).toEqual(['size', 'greeting', 'leaky']);
    const other = await configured('size: 3', { earlier: same });
    expect(other.collectors).not.toBe(first.collectors);
  });
});

it('hands on the config of its collectors, parsed once', async () => {
  let times = 0;
  const counting = {
    parse: () => {
      times++;
      return { parsed: times };
    },
  };
  const one = collector({ name: 'one', metrics: {}, config: counting, collect() {} });
  const small = exporter({ name: 'small_exporter', collectors: [one] });
  const inputs = await configInputs(small, 1, [], {}, rememberSecrets());
  const { running, collectorSettings: settings, configs } = await configure(inputs);
  gatherer(small, running, { settings, configs });
  expect([configs.get(one), times]).toEqual([{ parsed: 1 }, 1]);
});

describe('a section of it', () => {
  const sections: ConfigSections = {
    modules: {
      read(raw: unknown, where) {
        if (raw === undefined) return 'none';
        for (const name of Object.keys(raw as object)) {
          if (name === 'bad') throw new Error(`${where([name])}: is bad.`);
        }
        return raw;
      },
    },
  };

  it('is read by its own rules, and told by its place', async () => {
    const { sections: read } = await configured('modules:\n  good: { any: [thing] }', { sections });
    expect(read.get('modules')).toEqual({ good: { any: ['thing'] } });
    expect((await configured('size: 1', { sections })).sections.get('modules')).toBe('none');
    expect(await refused('modules:\n  bad: 1\nsize: x', { sections })).toEqual([
      'config.yml:3: size must be a number.',
      'config.yml:2: is bad.',
    ]);
    expect(await refused('module: {}', { sections })).toEqual([expect.stringContaining('did you mean modules?')]);
    expect(await refused('modules: {}')).toEqual([expect.stringContaining('modules is unknown')]);
  });
});

describe('a secret', () => {
  const password = async (text: string, given: Given): Promise<unknown> =>
    ((await configured(text, given)).own as { password: unknown }).password;

  it.each([
    ['a flag', ['--password=hunter2'], {}, ''],
    ['the environment', [], { SHOP_EXPORTER_PASSWORD: 'hunter2' }, ''],
    ['the file', [], {}, 'password: hunter2'],
    ['a file that a flag names', ['--password-file=FOLDER/password'], {}, ''],
    ['a file that the environment names', [], { SHOP_EXPORTER_PASSWORD_FILE: 'FOLDER/password' }, ''],
    ['a file that the file names, from where it stands', [], {}, 'password-file: password'],
    ['a flag, whatever the environment says', ['--password=hunter2'], { SHOP_EXPORTER_PASSWORD_FILE: '/nowhere' }, ''],
    [
      'a file that a flag names, whatever the environment says',
      ['--password-file=FOLDER/password'],
      { SHOP_EXPORTER_PASSWORD: 'x' },
      '',
    ],
  ])('comes from %s', async (_, argv, env, text) => {
    expect(await password(text, { argv, env })).toBe('hunter2');
  });

  it('is refused where it is given twice, or its file is not there', async () => {
    expect(await refused('', { argv: ['--password=a', '--password-file=b'] })).toEqual([
      '--password and --password-file are both given; leave one out.',
    ]);
    expect(await refused('password: a\npassword-file: b')).toEqual([
      'config.yml:1: password and config.yml:2: password-file are both given; leave one out.',
    ]);
    expect(await refused('', { env: { SHOP_EXPORTER_PASSWORD_FILE: '/nowhere' } })).toEqual([
      '$SHOP_EXPORTER_PASSWORD_FILE: cannot read /nowhere: no such file.',
    ]);
  });

  it('is read once, so that one that changes meanwhile is seen to have changed', async () => {
    const file = join(folder, 'rotating');
    await writeFile(file, 'first');
    const own = z.object({ password: secret() });
    let used = '';
    const rotating = exporter({
      name: 'rotating_exporter',
      config: own,
      collectors({ password }) {
        used = password;
        writeFileSync(file, 'second');
        return [];
      },
    });
    const inputs = await configInputs(rotating, 1, [`--password-file=${file}`], {}, rememberSecrets());
    const { sources, files } = await configure(inputs);
    expect([used, sources.values.get('password')]).toEqual(['first', 'first']);
    expect(files.get(file)).not.toBe(await digestNow(file));
  });

  it('is one, too, inside something else', async () => {
    const sources = { secrets: rememberSecrets() };
    const { flags } = await configured('tills: { first: { key: hunter2, open: true } }', sources);
    expect(flags.find(({ name }) => name === 'tills')).toMatchObject({ secret: true, value: 'JSON' });
    expect(sources.secrets.mask('hunter2 true first')).toBe('<secret> true first');
    expect(flags.some(({ name }) => name === 'tills-file')).toBe(false);
  });

  it('is masked, be it one of thousands', () => {
    const { add, mask } = rememberSecrets();
    const all = Array.from({ length: 6000 }, (_, i) => `s3cret "${i}"`);
    for (const one of all) add(one);
    expect(mask(`${all[0]}, ${all[3000]} and ${all[5999]}`)).toBe('<secret>, <secret> and <secret>');
    expect(mask('nothing')).toBe('nothing');
  });

  it('is masked as it is, in JSON and in URLs', () => {
    const { add, mask } = rememberSecrets();
    add('secret');
    add('hunter2"\n%');
    add('hunter2"\n%, and more');
    add('a.c*');
    add('abc');
    expect(mask('hunter2"\n% and hunter2\\"\\n% and hunter2%22%0A%25 and abc a.c* abcc hunter2"\n%, and more')).toBe(
      '<secret> and <secret> and <secret> and abc <secret> abcc <secret>',
    );
  });
});
