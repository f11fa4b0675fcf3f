import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describe as describeError } from '../../errors/thrown.ts';
import { parseSettings } from '../config/parse-settings.ts';
import { assemble, settingsOf } from '../config/schema/settings.ts';
import { logfmt } from '../process/log.ts';
import { UsageError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flag.ts';
import { checkFlags } from './flag-tree.ts';
import { helpText } from './help.ts';
import { readArguments, readEnvironment, variableOf } from './read-flags.ts';

const readFlags = (
  program: string,
  flags: readonly Flag[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): FlagValues => new Map([...readEnvironment(program, flags, env), ...readArguments(flags, argv)]);

const flags: Flag[] = [
  { name: 'web.listen-address', type: 'text', help: 'Where.', value: 'HOST:PORT', defaultText: ':1' },
  { name: 'collector.cpu', type: 'switch', negatable: true, help: 'The cpu collector.' },
  { name: 'dir', type: 'list', help: 'Folders.' },
  { name: 'help', type: 'switch', help: 'This.', commandLineOnly: true },
];
const read = (argv: string[], env: NodeJS.ProcessEnv = {}): Record<string, unknown> =>
  Object.fromEntries(readFlags('host_exporter', flags, argv, env));

describe('flags', () => {
  it('come from the command line, else from the environment', () => {
    const env = {
      HOST_EXPORTER_WEB_LISTEN_ADDRESS: ':5',
      HOST_EXPORTER_COLLECTOR_CPU: 'false',
      HOST_EXPORTER_DIR: 'a, b',
    };
    expect(read(['--web.listen-address=:4', '--collector.cpu'], env)).toEqual({
      'web.listen-address': ':4',
      'collector.cpu': true,
      dir: ['a', 'b'],
    });
    expect(read([], env)).toEqual({ 'web.listen-address': ':5', 'collector.cpu': false, dir: ['a', 'b'] });
    expect(read(['--web.listen-address', ':6', '--no-collector.cpu', '--dir=x', '--dir', 'y', '-h'])).toEqual({
      'web.listen-address': ':6',
      'collector.cpu': false,
      dir: ['x', 'y'],
      help: true,
    });
    expect(read([], { HOST_EXPORTER_HELP: 'true', HOST_EXPORTER_DIR: '' })).toEqual({});
    expect(variableOf('host_exporter', 'web.listen-address')).toBe('HOST_EXPORTER_WEB_LISTEN_ADDRESS');
  });

  it('sets no flag by a variable that could mean another as well', () => {
    const text = { type: 'text', help: 'x' } as const;
    const alike: Flag[] = [
      { name: 'collector.a_b.c', ...text },
      { name: 'collector.a.b-c', ...text },
    ];
    const env = { X_EXPORTER_COLLECTOR_A_B_C: '1' };
    expect(() => readFlags('x_exporter', alike, [], env)).toThrow(
      'X_EXPORTER_COLLECTOR_A_B_C could mean --collector.a_b.c or --collector.a.b-c; give that one as a flag instead.',
    );
    expect(readFlags('x_exporter', alike, ['--collector.a_b.c=1'], {})).toEqual(new Map([['collector.a_b.c', '1']]));
  });

  it.each([
    [['max-size', 'max-size'], /--max-size would be two flags/],
    [['x', 'no-x'], /--no-x would be two flags/],
    [['no-x', 'x'], /--no-x would be two flags/],
  ])('does not take %j for flags', (names, message) => {
    const flags = names.map((name): Flag => ({ name, type: 'switch', negatable: true, help: 'x' }));
    expect(() => checkFlags(flags)).toThrow(message);
  });

  it.each([
    [['--web.listen-adress=:1'], /unknown flag --web.listen-adress \(did you mean --web.listen-address\?\); --help/],
    [['--colector.cpu'], /did you mean --collector.cpu\?/],
    [['--nothing-like-it'], /^unknown flag --nothing-like-it; --help/],
    [['-x'], /unknown flag -x/],
    [['serve'], /unexpected argument "serve"/],
    [['--web.listen-address'], /--web.listen-address needs a value: write --web.listen-address=VALUE/],
    [['--web.listen-address', '--dir=x'], /--web.listen-address needs a value/],
    [['--collector.cpu=yes'], /--collector.cpu takes no value/],
    [['--collector.cpu', '--no-collector.cpu'], /contradict/],
  ])('%j is refused', (argv, message) => {
    expect(() => read(argv)).toThrow(UsageError);
    expect(() => read(argv)).toThrow(message);
  });

  it('may have two names', () => {
    const two: Flag[] = [
      { name: 'gateway', alias: 'push.gateway', type: 'list', help: 'x' },
      { name: 'required', alias: 'push.required', type: 'switch', negatable: true, help: 'x' },
      { name: 'spool', alias: 'push.spool', type: 'text', help: 'x' },
    ];
    const readTwo = (argv: string[], env = {}): unknown => Object.fromEntries(readFlags('x', two, argv, env));
    expect(readTwo(['--push.gateway=b', '--gateway=a', '--no-push.required', '--push.spool=c'])).toEqual({
      gateway: ['a', 'b'],
      required: false,
      spool: 'c',
    });
    expect(readTwo([], { X_PUSH_SPOOL: 'c', X_GATEWAY: 'a' })).toEqual({ gateway: ['a'], spool: 'c' });
    expect(() => readTwo(['--spool=a', '--push.spool=b'])).toThrow('--spool and --push.spool contradict each other');
    expect(() => readTwo(['--push.gatway=a'])).toThrow('did you mean --push.gateway?');
  });

  it('refuse an environment variable that is neither true nor false', () => {
    expect(() => read([], { HOST_EXPORTER_COLLECTOR_CPU: 'maybe' })).toThrow(/HOST_EXPORTER_COLLECTOR_CPU is "maybe"/);
  });

  it('are explained', () => {
    expect(helpText('host_exporter', 'About.', flags)).toMatchInlineSnapshot(`
      "usage: host_exporter [flags]
             host_exporter views DIRECTORY [flags]

      About.

      Flags (each is also an environment variable):
        --web.listen-address=HOST:PORT
            Where. (default: :1)
            $HOST_EXPORTER_WEB_LISTEN_ADDRESS
        --[no-]collector.cpu
            The cpu collector.
            $HOST_EXPORTER_COLLECTOR_CPU
        --dir=VALUE
            Folders. May be given several times.
            $HOST_EXPORTER_DIR
        --help
            This.
      "
    `);
  });
});

const schema = z.object({
  path: z.object({ procfs: z.string().default('/proc').describe('Where proc is.') }),
  timeoutMs: z.number().min(1).optional(),
  verbose: z.boolean().default(false),
  mode: z.enum(['fast', 'safe']).default('safe'),
  ports: z.array(z.int()).default([]),
  url: z.url().optional(),
});
const settings = await settingsOf(schema, []);
describe('settings', () => {
  const parse = (argv: string[]): unknown =>
    parseSettings(
      schema,
      settings,
      readFlags(
        'x',
        settings.map(({ flag }) => flag),
        argv,
        {},
      ),
      [],
    );

  it('make a flag of each leaf', () => {
    expect(settings.map(({ flag }) => [flag.name, flag.type, flag.value, flag.defaultText])).toEqual([
      ['path.procfs', 'text', 'VALUE', '/proc'],
      ['timeout-ms', 'number', 'NUMBER', undefined],
      ['verbose', 'switch', 'VALUE', 'false'],
      ['mode', 'text', 'fast|safe', 'safe'],
      ['ports', 'numbers', 'NUMBER', 'none'],
      ['url', 'text', 'VALUE', undefined],
    ]);
  });

  it('are read back through the schema', () => {
    expect(parse([])).toEqual({ path: { procfs: '/proc' }, verbose: false, mode: 'safe', ports: [] });
    expect(parse(['--path.procfs=/p', '--timeout-ms=5', '--verbose', '--ports=1', '--ports=2'])).toEqual({
      path: { procfs: '/p' },
      timeoutMs: 5,
      verbose: true,
      mode: 'safe',
      ports: [1, 2],
    });
  });

  it('are refused by the name of their flag', () => {
    expect(() => parse(['--timeout-ms=soon'])).toThrow(/--timeout-ms: /);
    expect(() => parse(['--mode=odd', '--url=x'])).toThrow(/--mode: .*; --url: /);
    expect(() => parse(['--mode=odd'])).toThrow(UsageError);
  });

  it('of a collector stand under its name; other parsers have no flags', async () => {
    const theirs = await settingsOf(z.object({ directory: z.array(z.string()).default([]) }), [
      'collector',
      'textfile',
    ]);
    const [flag] = theirs.map((setting) => setting.flag);
    expect(flag?.name).toBe('collector.textfile.directory');
    const values = readFlags('x', [flag!], ['--collector.textfile.directory=/a'], {});
    expect(assemble(theirs, values)).toEqual({ collector: { textfile: { directory: ['/a'] } } });
    expect(await settingsOf({ parse: (x) => x }, [])).toEqual([]);
  });
});

it('logs lines that logfmt readers read', () => {
  const line = logfmt('{"level":"info","time":"T","msg":"two words","n":1,"quote":"a\\"b","empty":"","list":[1]}');
  expect(line).toBe('time=T level=info msg="two words" n=1 quote="a\\"b" empty="" list=[1]\n');
});

it('describes an error with its causes, once', () => {
  expect(describeError(new Error('no config', { cause: new Error('ENOENT') }))).toBe('no config (ENOENT)');
  expect(describeError(new Error('no config: ENOENT', { cause: new Error('ENOENT') }))).toBe('no config: ENOENT');
  expect(describeError(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
  expect(describeError('text')).toBe('text');
});
