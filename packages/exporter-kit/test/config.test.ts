import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'peers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samplesOf } from './get.ts';

const script = fileURLToPath(new URL('./programs/configured.mjs', import.meta.url));
const SECRET = 'hunter2"\n%';
let folder = '';
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string, name = `${count++}.yml`): Promise<string> {
  await writeFile(join(folder, name), text);
  return name;
}

const program = (args: string[], env = {}): Promise<Exit> => runProgram([script, ...args], { env, cwd: folder });
const withFile = async (text: string, args: string[], env = {}): Promise<Exit> =>
  program([`--config.file=${await file(text)}`, ...args], env);

describe('a config file', () => {
  it('says what neither a flag nor the environment does', async () => {
    const text = 'size: 1\nshop: a\ntimeout: 1m30s\nshelves: [{ name: top, height: 2 }]\n';
    const once = async (args: string[], env = {}): Promise<string[]> =>
      samplesOf((await withFile(text, ['--once', ...args], env)).stdout, 'shop_s');
    expect(await once([])).toEqual(expect.arrayContaining(['shop_size 1', 'shop_shelves 1']));
    expect(await once([], { SHOP_EXPORTER_SIZE: '2' })).toContain('shop_size 2');
    expect(await once(['--size=3', '--shelves=[]'], { SHOP_EXPORTER_SIZE: '2' })).toEqual(
      expect.arrayContaining(['shop_size 3', 'shop_shelves 0']),
    );
  });

  it('may be named by the environment', async () => {
    const { stdout } = await program(['--once'], { SHOP_EXPORTER_CONFIG_FILE: await file('size: 9') });
    expect(samplesOf(stdout, 'shop_size')).toEqual(['shop_size 9']);
  });

  it.each([
    ['collector: { greeting: false, leaky: true }', ['size', 'leaky']],
    ['collector: { greeting: { enabled: false, word: hi } }', ['size']],
    ['collector: { greeting: { word: hi }, leaky: }', ['size', 'greeting']],
    ['collector: { disable-defaults: true, greeting: true }', ['greeting']],
  ])('chooses collectors: %s', async (text, chosen) => {
    const { stdout, stderr } = text.includes('leaky: }')
      ? await withFile(text.replace(', leaky: ', ''), ['--once'])
      : await withFile(text, ['--once']);
    const ran = [...stdout.matchAll(/success\{collector="(\w+)"/g)].map(([, name]) => name);
    expect([ran, stderr.includes('shop_exporter:')]).toEqual([chosen, false]);
  });

  it('configures them', async () => {
    const { stdout } = await withFile('collector:\n  greeting:\n    word: hi\n    times: [1, 2, 3]\n', ['--once']);
    expect(samplesOf(stdout, 'shop_greeting')).toEqual(['shop_greeting_length 6']);
  });

  it.each([
    ['shap: x', /^0\.yml:1: shap is unknown; did you mean shop\?$/],
    ['web:\n  listen-adress: :1', /^0\.yml:2: web\.listen-adress is unknown; did you mean listen-address\?$/],
    ['listen-address: :1', /^0\.yml:1: listen-address is unknown; it is web: listen-address\.$/],
    ['web.listen-address: :1', /^0\.yml:1: web\.listen-address is unknown; it is web: listen-address\.$/],
    ['zzzzzz: 1', /^0\.yml:1: zzzzzz is unknown; --config\.schema prints what is known\.$/],
    ['once: true', /once is unknown/],
    ['config: { file: x }', /config is unknown/],
    ['# first\nsize: large', /^0\.yml:2: size wants a number\.$/],
    ['size: "5"', /size wants a number/],
    ['shop: [a]', /shop wants a text/],
    ['shop:', /shop has no value; write one, or leave the key out/],
    ['web: 5', /web is a map; write the keys below it/],
    ['collector: { greeting: maybe }', /collector\.greeting wants true or false/],
    ['collector:\n  greeting: { times: 1 }', /^0\.yml:2: collector\.greeting\.times wants a list of numbers/],
    ['collector:\n  greeting:\n    times:\n      - 1.5', /^0\.yml:3: collector\.greeting\.times: .*expected int/],
    ['collector: { leaky: { word: x } }', /collector\.leaky\.word is unknown|leaky wants true or false/],
    ['timeout: 5 seconds', /^0\.yml:1: timeout: "5 seconds" is not a duration; write 15s, 1m30s or 500ms\.$/],
    ['web: { drain-delay: soon }', /^0\.yml:1: web\.drain-delay: "soon" is not a duration/],
    ['web: { max-requests: -1 }', /^0\.yml:1: web\.max-requests: "-1" is not a number of requests/],
    ['log: { level: loud }', /^0\.yml:1: log\.level: "loud" is unknown/],
    ['shelves: [{ name: top }]', /^0\.yml:1: shelves: .*expected number/],
    ['size: 1\nsize: 2', /^0\.yml:2: size: stands here a second time/],
    ['size: !!int 5', /^0\.yml:1: size: tags are not read/],
    ['shop: &a x\nsize: *a', /anchors and aliases/],
    ['size: 1\n---\nsize: 2', /second document/],
    ['- size', /^0\.yml:1: a config file is a map/],
    ['size: 1\n\tshop: x', /^0\.yml:2: /],
  ])('is refused: %j', async (text, message) => {
    await file(text, '0.yml');
    const { code, stderr, stdout } = await program(['--config.file=0.yml', '--config.check']);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('ends the start with 64 and one line', async () => {
    const { code, stderr } = await withFile('shap: x\nweb: 5', []);
    expect(stderr).toMatch(/^shop_exporter: \d+\.yml:1: shap is unknown.*; \d+\.yml:2: web is a map.*\n$/);
    expect(code).toBe(64);
    const missing = await program(['--config.file=nowhere.yml']);
    expect(missing.stderr).toBe("shop_exporter: nowhere.yml can't be read (ENOENT); --config.file names it.\n");
    expect(missing.code).toBe(64);
  });

  it('is told where each wrong value comes from', async () => {
    const { stderr } = await withFile(
      'collector: { greeting: { times: [x] } }',
      ['--config.check', '--web.drain-delay=x'],
      {
        SHOP_EXPORTER_WEB_MAX_REQUESTS: 'many',
      },
    );
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^\d+\.yml:1: collector\.greeting\.times wants a list of numbers/),
      expect.stringMatching(/^\$SHOP_EXPORTER_WEB_MAX_REQUESTS: "many" is not/),
      expect.stringMatching(/^--web\.drain-delay: "x" is not a duration/),
    ]);
  });
});

describe('a secret', () => {
  const lengths = ({ stdout }: Exit): string[] => samplesOf(stdout, 'shop_password');

  it.each([
    ['a flag', ['--password=hunter2'], {}, ''],
    ['the environment', [], { SHOP_EXPORTER_PASSWORD: 'hunter2' }, ''],
    ['the file', [], {}, 'password: hunter2'],
    ['a file that a flag names', ['--password-file=password'], {}, ''],
    ['a file that the environment names', [], { SHOP_EXPORTER_PASSWORD_FILE: 'password' }, ''],
    ['a file that the file names', [], {}, 'password-file: password'],
    ['a flag over a file that the environment names', ['--password=hunter2'], { SHOP_EXPORTER_PASSWORD_FILE: 'x' }, ''],
    [
      'a file that a flag names over the environment',
      ['--password-file=password'],
      { SHOP_EXPORTER_PASSWORD: 'x' },
      '',
    ],
  ])('comes from %s', async (_, args, env, text) => {
    await file('hunter2\r\n\n', 'password');
    expect(lengths(await withFile(text, ['--once', ...args], env))).toEqual(['shop_password_characters 7']);
  });

  it.each([
    [
      ['--password=a', '--password-file=b'],
      /^shop_exporter: --password and --password-file are both given; leave one out\.$/,
    ],
    [['--password-file=nowhere'], /^shop_exporter: --password-file: nowhere can't be read \(ENOENT\)\.$/],
  ])('is refused: %j', async (args, message) => {
    const { stderr, code } = await program(args);
    expect(stderr.trimEnd()).toMatch(message);
    expect(code).toBe(64);
  });

  it('is printed nowhere', async () => {
    await file(`${SECRET}\n`, 'password');
    const args = ['--password-file=password', '--collector.leaky', '--log.level=debug'];
    const said = await Promise.all([
      program([...args, '--once']),
      program([...args, '--once', '--log.format=json']),
      program([...args, '--config.print']),
      program([...args, '--config.check']),
      program([...args, '--help']),
      program([`--password=${SECRET}`, '--size=x']),
      withFile(`password: 'hunter2hunter2'\nsize: x`, ['--config.check']),
    ]);
    const all = said.map(({ stdout, stderr }) => stdout + stderr).join('');
    expect(all).toContain('no access for corner:<secret>');
    expect(all).not.toContain('hunter2');
  });
});

describe('what is made of the schema', () => {
  it('is a Markdown table', async () => {
    const { stdout } = await program(['--help.markdown']);
    expect(stdout).toContain('| `--timeout` | `SHOP_EXPORTER_TIMEOUT` | How long to wait. | `5s` |\n');
    expect(stdout).toContain('| `--[no-]collector.leaky` | `SHOP_EXPORTER_COLLECTOR_LEAKY` | ');
    expect(stdout).not.toContain('help.markdown');
  });

  it('is help', async () => {
    const { stdout } = await program(['--help']);
    for (const part of ['--timeout=DURATION', '--max-age=DURATION', '--password-file=FILE', '--shelves=JSON']) {
      expect(stdout).toContain(part);
    }
  });

  it('is a JSON Schema', async () => {
    const schema = JSON.parse((await program(['--config.schema'])).stdout);
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      properties: {
        size: { type: 'number', default: 1, description: 'How large it is.' },
        timeout: { type: 'string', default: '5s' },
        shelves: { type: 'array', items: { properties: { name: { type: 'string' } } } },
        web: { properties: { 'listen-address': {} }, additionalProperties: false },
        collector: {
          properties: {
            leaky: { type: 'boolean', default: false },
            greeting: {
              anyOf: [{ type: 'boolean' }, { properties: { enabled: { default: true }, word: { default: 'hello' } } }],
            },
          },
        },
      },
    });
    expect(JSON.stringify(schema)).not.toMatch(/"(once|placeholder|secret)":/);
    expect(schema.properties).not.toHaveProperty('config');
  });

  it('is the configuration in effect, which is a config file again', async () => {
    const text =
      'size: 4\nshelves: [{ name: top, height: 2 }]\ncollector: { leaky: true, greeting: { times: [1, 2] } }\n';
    const { stdout } = await withFile(text, ['--config.print', '--shop=1.10', '--password=hunter2'], {
      SHOP_EXPORTER_TIMEOUT: '1m30s',
    });
    for (const line of [
      /^shop: "1\.10" # --shop$/m,
      /^size: 4 # \d+\.yml:1: size$/m,
      /^timeout: 1m30s # \$SHOP_EXPORTER_TIMEOUT$/m,
      /^# max-age: not given$/m,
      /^# password: <secret> # --password$/m,
      /^ {2}max-requests: "40" # default$/m,
      /^ {4}enabled: true # default$/m,
      /^ {2}leaky: true # \d+\.yml:3: collector\.leaky$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    const values = (printed: string): string => printed.replace(/ # .*$/gm, '').replace(/^ *#.*\n/gm, '');
    const again = await withFile(stdout, ['--config.print']);
    expect(again.stderr).toBe('');
    expect(values(again.stdout)).toBe(values(stdout));
  });

  it('is checked', async () => {
    expect(await withFile('size: 4', ['--config.check'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^the configuration is good \(\d+\.yml\)\n$/),
    });
  });
});
