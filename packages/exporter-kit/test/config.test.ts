import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flagTable, job } from '../src/index.ts';
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

  it('ends the start with 64 and one line', async () => {
    const { code, stderr } = await withFile('shap: x\nweb: 5', []);
    expect(stderr).toMatch(/^shop_exporter: \d+\.yml:1: shap is unknown.*; \d+\.yml:2: web is a map.*\n$/);
    expect(code).toBe(64);
    const missing = await program(['--config.file=nowhere.yml']);
    expect(missing.stderr).toBe('shop_exporter: --config.file: cannot read nowhere.yml: no such file.\n');
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
      expect.stringMatching(/^\d+\.yml:1: collector\.greeting\.times must be a list of numbers/),
      expect.stringMatching(/^\$SHOP_EXPORTER_WEB_MAX_REQUESTS: "many" is not/),
      expect.stringMatching(/^--web\.drain-delay: "x" is not a duration/),
    ]);
  });
});

describe('a secret', () => {
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

describe("a job's settings", () => {
  const run = (args: string[], env = {}): Promise<Exit> =>
    runProgram([fileURLToPath(new URL('./programs/secret-job.mjs', import.meta.url)), ...args], { env, cwd: folder });

  it('have secrets and durations too', async () => {
    await file('hunter2\n', 'password');
    const { stdout, stderr } = await run(['--age=1h30m'], { SHOP_PASSWORD_FILE: 'password' });
    expect(samplesOf(stdout, 'shop_')).toEqual([
      'shop_age_seconds 5400',
      'shop_password_characters 7',
      'shop_shelf_key{of="books",length="4"} 1',
    ]);
    expect(stderr).toContain('msg=careless password=<secret>');
    expect((await run(['--password=hunter2', '--size=hunter2'])).stderr).toMatch(/^shop: --size: (?!.*hunter2)/);
    expect((await run([], { SHOP_PASSWORD: 'x', SHOP_AGE: 'old' })).stderr).toMatch(
      /^shop: \$SHOP_AGE: "old" is not a/,
    );
  });
});

describe("the settings of a job's collectors", () => {
  const program = fileURLToPath(new URL('./programs/secret-job.mjs', import.meta.url));
  const run = (args: string[], env = {}): Promise<Exit> =>
    runProgram([program, '--password=hunter2', ...args], { env, cwd: folder });

  it("are flags and variables like an exporter's, and may be secrets", async () => {
    await file('hunter2\n', 'key');
    const env = { SHOP_COLLECTOR_SHELF_KEY_FILE: 'key' };
    const { stdout } = await run(['--collector.shelf.of=tins'], env);
    expect(samplesOf(stdout, 'shop_shelf')).toEqual(['shop_shelf_key{of="tins",length="7"} 1']);
  });

  it('are checked before the job runs, all at once and by their names', async () => {
    const { code, stdout, stderr } = await run(['--collector.shelf.high=x', '--size=y']);
    expect(stderr).toMatch(/^shop: --size: .*; --collector\.shelf\.high: /);
    expect([code, stdout]).toEqual([64, '']);
    expect((await run(['--collector.shelf.hihg=1'])).stderr).toContain('did you mean --collector.shelf.high?');
  });

  it('are in help', async () => {
    expect((await run(['--help'])).stdout).toContain('--collector.shelf.key-file=FILE');
  });
});

describe('what is made of the schema', () => {
  it('is a Markdown table', async () => {
    const { stdout } = await program(['--help.markdown']);
    expect(stdout).toContain('| `--timeout` | `SHOP_EXPORTER_TIMEOUT` | How long to wait. | `5s` |\n');
    expect(stdout).toContain('| `--[no-]collector.leaky` | `SHOP_EXPORTER_COLLECTOR_LEAKY` | ');
    expect(stdout).not.toContain('help.markdown');
  });

  it('is one for jobs too, which a test can have without the program', async () => {
    const program = fileURLToPath(new URL('./programs/secret-job.mjs', import.meta.url));
    const { code, stdout } = await runProgram([program, '--help.markdown']);
    expect(code).toBe(0);
    expect(stdout).toContain('| `--age` | `SHOP_AGE` | Sets age. | `1m` |\n');
    expect(stdout).toContain('| `--job.timeout` | `SHOP_JOB_TIMEOUT` | ');
    const idle = job({ name: 'shop', metrics: {}, run() {} });
    expect(stdout).toContain((await flagTable(idle)).split('\n').slice(2).join('\n'));
    expect(await flagTable(idle, { timeoutMs: 60_000 })).toContain('counts as failed. | `1m` |\n');
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

  it('is checked, with the web configuration it names, from where it stands', async () => {
    await mkdir(join(folder, 'etc'), { recursive: true });
    await file('web: { config: { file: web.yml } }', 'etc/shop.yml');
    await file('rate_limit: { bursts: 5 }', 'etc/web.yml');
    const check = (): Promise<Exit> => program(['--config.file=etc/shop.yml', '--config.check']);
    expect(await check()).toMatchObject({ code: 1, stderr: expect.stringMatching(/web\.yml:1: .*bursts.*\n$/) });
    await file('rate_limit: { burst: 5, interval: 1s }', 'etc/web.yml');
    expect(await check()).toMatchObject({ code: 0, stderr: '' });
  });

  it('is checked', async () => {
    expect(await withFile('size: 4', ['--config.check'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^the configuration is valid \(\d+\.yml\)\n$/),
    });
  });
});
