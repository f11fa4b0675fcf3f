import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates, needPeers, runProgram, startPushgateway } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Fault,
  type FaultyGateway,
  type FaultyGatewayOptions,
  faultyGateway,
  parseText,
} from '../src/testing/index.ts';
import { exporterPush, folder, program } from './exporter-push.ts';
import { plainText } from './plain-text.ts';
import { sample } from './property/expected.ts';

const seriesOf = (name: string, labels: object, value: number): string => sample(name, Object.entries(labels), value);

const metrics = '# HELP size_bytes Size.\n# TYPE size_bytes gauge\nsize_bytes{volume="a b"} 12\n';

async function gatewayThat(script: Fault | readonly Fault[], options?: FaultyGatewayOptions): Promise<FaultyGateway> {
  const gateway = await faultyGateway(script, options);
  onTestFinished(() => gateway.close());
  return gateway;
}

describe.skipIf(!needPeers('pushgateway'))('with a real Pushgateway', () => {
  let gateway: Awaited<ReturnType<typeof startPushgateway>>;
  beforeAll(async () => {
    gateway = await startPushgateway();
  });
  afterAll(() => gateway.stop());

  it('adds, replaces, and deletes', async () => {
    const to = ['--gateway', gateway.url, '--job', 'a/b c', '--grouping', 'path=/ü', '--grouping=empty='];
    const families = async (): Promise<string[]> => {
      const [group] = (await gateway.groups()).filter(({ labels }) => labels.job === 'a/b c');
      if (group !== undefined) expect(group.labels).toEqual({ job: 'a/b c', path: '/ü', empty: '' });
      return Object.keys(group ?? {}).filter((name) => !/^(labels|last_push_successful|push_.*)$/.test(name));
    };
    const quiet = { code: 0, stdout: '', stderr: '' };
    expect(await exporterPush(to, { input: metrics })).toEqual({ ...quiet, signal: null });
    expect(await exporterPush(to, { input: 'more 1\n' })).toMatchObject(quiet);
    expect((await families()).sort()).toEqual(['more', 'size_bytes']);
    expect(await exporterPush([...to, '--mode=replace'], { input: 'other 1\n' })).toMatchObject(quiet);
    expect(await families()).toEqual(['other']);
    expect(await exporterPush([...to, '--delete'])).toMatchObject(quiet);
    expect(await families()).toEqual([]);
    expect(await exporterPush([...to, '--delete'])).toMatchObject(quiet);
  });

  it('takes every type, and says what the gateway says of what only that can know', async () => {
    const text = [
      '# TYPE c counter\nc 1e300',
      '# TYPE g gauge\ng -Inf\ng{a="\\"\\\\\\n"} NaN',
      '# TYPE h histogram\nh_bucket{le="0.1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2',
      '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 2\ns_count 3',
      'u 5',
    ];
    const to = ['--gateway', gateway.url, '--job=types'];
    expect(await exporterPush(to, { input: `${text.join('\n')}\n` })).toMatchObject({ code: 0, stderr: '' });
    const got = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const line of [
      'c{instance="",job="types"} 1e+300',
      'h_count{instance="",job="types"} 2',
      'u{instance="",job="types"} 5',
    ]) {
      expect(got).toContain(`\n${line}\n`);
    }
    const other = await exporterPush(['--gateway', gateway.url, '--job=others'], { input: '# TYPE c gauge\nc 1\n' });
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(
      /level=error msg=refused job=others sink="pushgateway http:\S+" err=".*answered 400: .*is not a (COUNTER|GAUGE)/,
    );
  });

  it.each([
    ['standard input', [], { input: plainText }],
    ['a command', ['--', 'sh', '-c', 'printf %s "$TEXT" > "$EXPORTER_PUSH_METRICS"'], { env: { TEXT: plainText } }],
  ])('takes plain text as it is from %s', async (from, command, how) => {
    const directory = await folder();
    const job = from.replace(' ', '_');
    const to = ['--gateway', gateway.url, `--textfile=${directory}`, `--job=${job}`];
    expect(await exporterPush([...to, ...command], how)).toMatchObject({ code: 0 });
    const answer = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const text of [answer, await readFile(join(directory, `${job}.prom`), 'utf8')]) {
      const found = parseText(text)
        .flatMap(({ samples }) => samples)
        .filter(({ name, labels }) => labels.job === job && !/^(push|job)_/.test(name))
        .map(({ name, labels: { instance: _, job: __, ...labels }, value }) => seriesOf(name, labels, value));
      const wanted = parseText(plainText).flatMap(({ samples }) => samples);
      expect(found.sort()).toEqual(wanted.map(({ name, labels, value }) => seriesOf(name, labels, value)).sort());
    }
  });

  it('pushes 10,000 series', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `many{i="${i}"} ${i}\n`).join('');
    expect(await exporterPush(['--gateway', gateway.url, '--job=many'], { input: many })).toMatchObject({ code: 0 });
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toContain(
      'many{i="9999",instance="",job="many"} 9999',
    );
  });
});

describe('what is no exposition is not sent', () => {
  it.each([
    [
      'a wrong line',
      { input: 'a 1\nb 2\nc{x=y} 3\n' },
      /line 3: .*in: c\{x=y\} 3; label values must be in double quotes/,
    ],
    ['an unfinished line', { input: 'a 1\nb 2' }, /line 2: the last line does not end with a line feed/],
    ['a time', { input: 'a 1 1700000000000\n' }, /line 1: there is a timestamp/],
    ['a label of the group', { input: 'a{instance="db2"} 1\n' }, /line 1: the label "instance" is set by --grouping/],
    ['nothing', { input: '' }, /no samples; write lines/],
    ['no standard input', {}, /no samples; write lines/],
    ['garbage', { input: Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]) }, /line 1: it is not UTF-8 text/],
    ['NULs', { input: Buffer.alloc(1000) }, /line 1: .*\\x00/],
    ['100 MB', { from: 'head -c 100000000 /dev/zero' }, /there are more than 8 MiB; push less at once/],
    ['what never ends', { from: 'yes "a 1"' }, /there are more than 8 MiB/],
  ])('%s', async (_, input, said) => {
    const gateway = await gatewayThat('ok');
    const to = ['--gateway', gateway.url, '--job=test', '--grouping=instance=db1'];
    const { code, stdout, stderr } = await exporterPush(to, input);
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^exporter-push: standard input: .*\. Nothing was sent\.\n$/);
    expect([code, stdout, gateway.received]).toEqual([65, '', []]);
  });

  it('a terminal: whoever sits there is told what to do', async (context) => {
    if ((await runProgram(['-c', 'command -v script'], { command: 'sh' })).code !== 0) return context.skip();
    const env = { NODE: process.execPath, PROGRAM: program, SHELL: '/bin/sh' };
    const args = ['-qec', '"$NODE" "$PROGRAM" --job=test --dry-run', '/dev/null'];
    const { code, stdout } = await runProgram(args, { command: 'script', env });
    expect(stdout).toMatch(
      /^usage: exporter-push --job NAME [\s\S]*Standard input is a terminal: give a command after --/,
    );
    expect(code).toBe(64);
  });
});

describe('trouble on the way', () => {
  it.each([
    ['a busy gateway', [{ status: 503 }, 'reset', 'ok'] as Fault[], 0, /^$/, 3],
    ['a refusal', [{ status: 400, text: 'no way' }] as Fault[], 1, /msg=refused .*answered 400: no way/, 1],
    ['no answer', ['hang'] as Fault[], 1, /msg="not delivered" .*no complete response within (3|2\.\d) s/, 1, '3s'],
    ['another server', ['page'] as Fault[], 1, /msg="not delivered" .*web page/, 1],
  ])('%s', async (_, script, code, said, attempts, limit = '50s') => {
    const gateway = await gatewayThat(script);
    const args = ['--gateway', gateway.url, '--job=test', `--push-timeout=${limit}`];
    const exit = await exporterPush(args, { input: metrics });
    expect(exit.stderr).toMatch(said);
    expect([exit.code, gateway.received.length]).toEqual([code, attempts]);
    expect(gateway.received[0]).toMatchObject({ method: 'POST', path: '/metrics/job/test' });
  });

  it('of one gateway does not stop the others', async () => {
    const [bad, good, textfiles] = [await gatewayThat({ status: 400 }), await gatewayThat('ok'), await folder()];
    const to = [`--gateway=${bad.url}`, `--gateway=${good.url}`, `--textfile=${textfiles}`];
    expect((await exporterPush([...to, '--job=test'], { input: metrics })).code).toBe(1);
    expect(good.received[0]?.text).toContain('size_bytes{volume="a b"} 12\n');
    expect(await readdir(textfiles)).toEqual(['test.prom']);
  });

  it('with standard output is one line', async () => {
    const { stderr } = await runProgram(['-c', '"$NODE" "$PROGRAM" --help | true; yes "" | head -1'], {
      command: 'sh',
      env: { NODE: process.execPath, PROGRAM: program },
    });
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
  });
});

describe('a spool', () => {
  it('keeps what could not be pushed; flush pushes it', async () => {
    const [spool, directory] = [await folder(), join(await folder(), 'later')];
    const to = [`--textfile=${directory}`, `--spool=${spool}`];
    const lost = await exporterPush([...to, '--job=test'], { input: metrics });
    expect(lost.code).toBe(1);
    expect(lost.stderr).toMatch(/not delivered; kept in the spool for the next run/);
    const still = await exporterPush(['flush', ...to]);
    expect(still.code).toBe(1);
    expect(still.stderr).toMatch(/msg="not delivered; kept in the spool" job=test .*no such directory/);
    const elsewhere = await exporterPush(['flush', `--textfile=${spool}`, `--spool=${spool}`]);
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toMatch(/msg="kept in the spool: no flag names its destination" job=test/);
    await mkdir(directory);
    expect(await exporterPush(['flush', ...to])).toMatchObject({ code: 0, stderr: '' });
    expect(await readdir(directory)).toEqual(['test.prom']);
    expect(await exporterPush(['flush', ...to, '--log.level=info'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('has nothing left of a group that was deleted', async () => {
    const [spool, directory] = [await folder(), join(await folder(), 'later')];
    const to = [`--textfile=${directory}`, `--spool=${spool}`];
    await exporterPush([...to, '--job=test'], { input: metrics });
    await mkdir(directory);
    expect(await exporterPush([...to, '--job=test', '--delete'])).toMatchObject({ code: 0, stderr: '' });
    expect(await exporterPush(['flush', ...to])).toMatchObject({ code: 0 });
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('secrets', () => {
  const basic = `Basic ${Buffer.from('batch:hunter2').toString('base64')}`;

  it.each([
    ['a password from a file', ['--username=batch', '--password-file=FILE'], {}, basic],
    ['a password from the environment', ['--username=batch'], { EXPORTER_PUSH_PASSWORD: 'hunter2' }, basic],
    ['a token from a file', ['--bearer-token-file=FILE'], {}, 'Bearer hunter2'],
    ['a token from the environment', [], { EXPORTER_PUSH_BEARER_TOKEN: 'hunter2' }, 'Bearer hunter2'],
  ])('%s', async (_, args, env, header) => {
    const gateway = await gatewayThat({ status: 403, text: 'not you' });
    const file = join(await folder(), 'secret');
    await writeFile(file, 'hunter2\n');
    const flags = args.map((arg) => arg.replace('FILE', file));
    const to = ['--gateway', gateway.url, '--job=test', '--log.level=debug'];
    const { stderr } = await exporterPush([...to, ...flags], { input: metrics, env });
    expect(gateway.received[0]?.headers.authorization).toBe(header);
    expect(stderr).toContain('answered 403: not you');
    expect(stderr).not.toContain('hunter2');
  });

  it('with what an editor puts around them are not sent', async () => {
    const gateway = await gatewayThat('ok');
    const file = join(await folder(), 'secret');
    await writeFile(file, Buffer.from('\uFEFFhunter2', 'utf16le'));
    const to = ['--gateway', gateway.url, '--job=test', '--username=batch', '--password-file', file];
    const { code, stderr } = await exporterPush(to, { input: metrics });
    expect(stderr).toMatch(/secret is UTF-16, as Windows PowerShell writes it; save it as UTF-8/);
    expect(stderr).not.toContain('hunter2');
    expect([code, gateway.received]).toEqual([expect.any(Number), []]);
    expect(code).not.toBe(0);
  });

  it('a URL from the environment with a password', async () => {
    const gateway = await gatewayThat('ok');
    const env = { EXPORTER_PUSH_GATEWAY: gateway.url.replace('//', '//batch:hunter2@') };
    expect((await exporterPush(['--job=test'], { input: metrics, env })).code).toBe(0);
    expect(gateway.received[0]?.headers.authorization).toBe(basic);
  });

  it.each([
    [
      ['--password=hunter2'],
      /--password: every user of this machine can read a command line; use --password-file=FILE, or set \$EXPORTER_PUSH_PASSWORD\./,
    ],
    [
      ['--bearer-token', 'hunter2'],
      /--bearer-token: .*use --bearer-token-file=FILE, or set \$EXPORTER_PUSH_BEARER_TOKEN\./,
    ],
    [['--gateway=http://batch:hunter2@127.0.0.1:1'], /--gateway: there is a password in the URL, .*--password-file/],
  ])('are not taken from the command line: %j', async (args, said) => {
    const { code, stdout, stderr } = await exporterPush([...args, '--job=test'], { input: metrics });
    expect(stderr).toMatch(said);
    expect(stderr).not.toContain('hunter2');
    expect([code, stdout]).toEqual([64, '']);
  });
});

describe.skipIf(!needPeers('openssl'))('TLS', () => {
  it('trusts an authority of our own, and shows a certificate', async () => {
    const certificates = await makeCertificates();
    onTestFinished(() => certificates.remove());
    const { readFile } = await import('node:fs/promises');
    const { ca, server, client } = certificates;
    const [caPem, cert, key] = await Promise.all([ca, server.cert, server.key].map((file) => readFile(file, 'utf8')));
    const tls = { ca: caPem!, cert: cert!, key: key!, requestCert: true, rejectUnauthorized: true };
    const gateway = await gatewayThat('ok', { tls });
    const to = ['--gateway', gateway.url, '--job=test', '--push-timeout=2s'];
    const own = ['--cert-file', client.cert, '--key-file', client.key];
    expect(await exporterPush([...to, '--ca-file', ca, ...own], { input: metrics })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(gateway.received).toHaveLength(1);
    const untrusted = await exporterPush([...to, ...own], { input: metrics });
    expect(untrusted.code).toBe(1);
    expect(untrusted.stderr).toMatch(/msg="not delivered" .*certificate/);
    const nobody = await exporterPush([...to, '--ca-file', ca], { input: metrics });
    expect(nobody.code).toBe(1);
    expect(gateway.received).toHaveLength(1);
  });
});

describe('usage', () => {
  it.each([
    [[], /the job is missing; give --job=NAME or set \$EXPORTER_PUSH_JOB/],
    [['--job='], /the job is missing/],
    [['--job=test'], /no destination; give --gateway=http:\/\/HOST:9091 or set \$EXPORTER_PUSH_GATEWAY/],
    [['--job=test', '--gateway=gateway:9091'], /--gateway: pushgateway: "gateway:9091" is not an http\(s\) URL/],
    [['--job=test', '--dry-run', './backup.sh'], /unexpected argument ".\/backup.sh"; a command stands after --/],
    [['--job=test', '--dry-run', '--'], /there is no command after --/],
    [['--job=test', '--jib=x'], /unknown flag --jib \(did you mean --job\?\)/],
    [['--job=test', '--push.gateway=x'], /--gateway: .*"x" is not an http\(s\) URL/],
    [['--job=test', '--push.remote-write=x'], /--remote-write: .*"x" is not an http\(s\) URL/],
    [['--job=test', '--remote-write=http://a:b@h/'], /--remote-write: there is a password in the URL/],
    [['--job=test', '--remote-write=http://h/', '--delete'], /--delete: a remote write endpoint has no groups/],
    [['--job=test', '--dry-run', '--mode=put'], /--mode: "put" is unknown; write add, replace/],
    [['--job=test', '--dry-run', '--mode=add', '--', 'true'], /--mode does not go with a command/],
    [['--job=test', '--dry-run', '--delete'], /--dry-run does not go with --delete/],
    [['--job=test', '--dry-run', '--timeout=1h'], /--timeout is about a command; write one after --/],
    [['--job=test', '--dry-run', '--timeout=0', '--', 'true'], /--timeout: 0 is too short; write 1s/],
    [['--job=test', '--dry-run', '--timeout=30d', '--', 'true'], /--timeout: 30d is too long; write 24d at the most/],
    [['--job=test', '--dry-run', '--timeout=5', '--', 'true'], /--timeout: "5" is not a duration; write 15s/],
    [
      ['--job=test', '--dry-run', '--grouping=instance'],
      /--grouping: "instance" is not a label with its value; write LABEL=VALUE/,
    ],
    [['--job=test', '--dry-run', '--grouping=a=1', '--grouping=a=2'], /--grouping: a is given twice/],
    [['--job=test', '--dry-run', '--grouping=job=x'], /--grouping: "job" is the job's own name/],
    [['--job=test', '--dry-run', '--grouping=a-b=x'], /--grouping: "a-b" is not a label name/],
    [['--job=test', '--dry-run', '--grouping=__proto__=x'], /"__proto__" is reserved/],
    [['--job=test', '--gateway=https://x', '--cert-file=x'], /--cert-file and --key-file must be set together/],
    [['--job=test', '--gateway=http://x', '--ca-file=x'], /--ca-file, --cert-file and --key-file are for https/],
    [['flush', '--dry-run'], /--dry-run does not go with flush/],
    [['flush', '--gateway=http://x'], /the spool is missing; give --spool=DIRECTORY/],
    [['flush', '--', 'true'], /flush takes no command/],
  ])('refuses %j with one line', async (args, said) => {
    const { code, stdout, stderr } = await exporterPush(args, { input: metrics });
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/^exporter-push: .*\n$/);
    expect([code, stdout]).toEqual([64, '']);
  });

  it('explains itself', async () => {
    const help = await exporterPush(['--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    for (const part of [
      '-- COMMAND',
      '--delete',
      'flush',
      '$EXPORTER_PUSH_GATEWAY',
      '--password-file FILE',
      '124',
      '127',
      '65',
    ]) {
      expect(help.stdout).toContain(part);
    }
    expect(help.stdout).not.toContain('--password ');
    const version = await exporterPush(['--version']);
    expect(version.stdout).toMatch(/^exporter-push, version \d+\.\d+\.\d+ \(node v/);
  });
});
