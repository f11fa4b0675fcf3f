import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram, startProgram } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseText } from '../src/parse/index.ts';
import { untilInFlight } from './serving.ts';

const script = (name: string): string => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));
const exporter = (args: string[], env = {}): Promise<Exit> => runProgram([script('exporter'), ...args], { env });
const listening = (args: string[] = [], env = {}): ReturnType<typeof startProgram> =>
  startProgram([script('exporter'), '--web.listen-address=127.0.0.1:0', ...args], {
    until: /msg=listening address=(\S+)/,
    env,
  });

describe('an exporter', () => {
  it('prints its metrics once', async () => {
    const { code, stdout, stderr } = await exporter(['--once', '--start=5', '--collector.greeting.word=hi']);
    expect(parseText(stdout).map(({ name }) => name)).toContain('test_exporter_build_info');
    expect(stdout).toContain('\nvalue 5\n');
    expect(stdout).toContain('\ngreeting 2\n');
    expect([code, stderr]).toEqual([0, '']);
  });

  it('takes every flag from the environment too', async () => {
    const { stdout } = await exporter(['--once'], {
      TEST_EXPORTER_START: '7',
      TEST_EXPORTER_COLLECTOR_GREETING: 'false',
    });
    expect(stdout).toContain('\nvalue 7\n');
    expect(stdout).not.toContain('greeting');
  });

  it('runs the collectors that flags choose', async () => {
    const chosen = async (...args: string[]): Promise<string[]> =>
      [...(await exporter(['--once', ...args])).stdout.matchAll(/success\{collector="(\w+)"/g)].map(
        (match) => match[1]!,
      );
    expect(await chosen()).toEqual(['steady', 'greeting']);
    expect(await chosen('--no-collector.greeting', '--collector.failing')).toEqual(['steady', 'failing']);
    expect(await chosen('--collector.disable-defaults', '--collector.greeting')).toEqual(['greeting']);
  });

  it('ends with 1 when all it had to print failed, and says why in the log alone', async () => {
    const { code, stdout, stderr } = await exporter(['--once', '--collector.disable-defaults', '--collector.failing']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /level=error msg="collector failed" collector=failing .*reason="broken on purpose".*root cause/,
    );
    expect(stdout).not.toContain('broken');
    expect(stderr).not.toContain(' at ');
  });

  it('explains itself', async () => {
    const help = await exporter(['--help']);
    expect(help.code).toBe(0);
    for (const part of [
      '--web.listen-address=HOST:PORT',
      '(default: :19999)',
      '--[no-]collector.greeting',
      '--collector.greeting.word=',
      'What to say.',
      '$TEST_EXPORTER_START',
      '--log.format=logfmt|json',
    ]) {
      expect(help.stdout).toContain(part);
    }
    expect(await exporter(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^test_exporter, version 1.2.3 \(node v/),
    });
  });

  it.each([
    [
      ['--web.listen-adress=:1'],
      64,
      /^test_exporter: unknown flag --web.listen-adress \(did you mean --web.listen-address\?\)/,
    ],
    [
      ['--web.listen-address=nowhere'],
      64,
      /^test_exporter: --web.listen-address: "nowhere" is not an address; write host:port/,
    ],
    [['--web.telemetry-path=metrics'], 64, /^test_exporter: --web.telemetry-path: "metrics" can't be served/],
    [['--log.level=loud'], 64, /^test_exporter: --log.level: "loud" is unknown; write debug, info, warn, error/],
    [['--start=soon'], 64, /^test_exporter: --start: /],
    [['--collector.greeting.word'], 64, /needs a value/],
    [['serve'], 64, /unexpected argument "serve"/],
  ])('refuses %j with one line and exit code %d', async (args, wanted, message) => {
    const { code, stderr, stdout } = await exporter(args);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBe(1);
    expect([code, stdout]).toEqual([wanted, '']);
  });

  it('says in one line that its port is taken, and ends with 1', async () => {
    const first = await listening();
    const { port } = new URL(first.match[1]!);
    const { code, stderr } = await exporter([`--web.listen-address=127.0.0.1:${port}`]);
    expect(stderr).toBe(
      `test_exporter: cannot listen on 127.0.0.1:${port}: address already in use; stop the other program or choose another address.\n`,
    );
    expect(code).toBe(1);
    expect((await first.stop()).code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s, after the answer under way', async (signal) => {
    const program = await listening(['--collector.stuck']);
    const answer = fetch(`${program.match[1]}metrics`, { headers: { 'x-prometheus-scrape-timeout-seconds': '5' } });
    // The stuck collector keeps it under way until its deadline; by then the signal is there.
    await untilInFlight(`${program.match[1]}metrics`, 1);
    const ended = program.stop(signal);
    expect(await (await answer).text()).toContain('\nvalue 1\n');
    expect((await ended).code).toBe(0);
  });

  it('ends although a thread of the pool is blocked for good', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'run-pipe-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const PIPE = join(folder, 'pipe');
    expect((await runProgram([PIPE], { command: 'mkfifo' })).code).toBe(0);
    const program = await listening(['--collector.blocked'], { PIPE });
    const answer = await fetch(`${program.match[1]}metrics`, {
      headers: { 'x-prometheus-scrape-timeout-seconds': '0.2' },
    });
    expect(await answer.text()).toContain('success{collector="blocked"} 0');
    const began = performance.now();
    const { stderr, signal } = await program.stop();
    // Long before `stop` itself would use force.
    expect(performance.now() - began).toBeLessThan(25_000);
    expect(stderr).toContain('still running past their deadline; exiting without them" collectors=blocked');
    expect(signal).toBe('SIGKILL');
  });

  it('logs JSON when asked', async () => {
    const { stderr } = await exporter(['--once', '--log.format=json', '--collector.failing']);
    const lines = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ level: 'error', msg: 'collector failed', collector: 'failing' }]);
  });
});
