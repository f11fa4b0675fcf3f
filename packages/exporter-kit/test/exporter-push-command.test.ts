import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { needPeers, runProgram, startPushgateway, until } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEngine } from './engine.ts';
import { exporterPush, folder, isAlive, program, started, written } from './exporter-push.ts';

/** A minute's work for a shell, between two signals at any time; it ends by itself, should a test leave it behind. */
const busy = 'i=0; while [ $i -lt 2000 ]; do sleep 0.02; i=$((i+1)); done';

const sh = (script: string): string[] => ['--', 'sh', '-c', script];

describe.skipIf(!needPeers('pushgateway'))('with a real Pushgateway', () => {
  it('replaces the group after a success, and leaves what stands there after a failure', async () => {
    const gateway = await startPushgateway();
    onTestFinished(() => gateway.stop());
    const to = ['--gateway', gateway.url, '--job', 'nightly/1', '--grouping', 'path=/var lib', '--grouping=empty='];
    const run = (script: string): ReturnType<typeof exporterPush> => exporterPush([...to, ...sh(script)]);
    const families = async (): Promise<string[]> => {
      const groups = await gateway.groups();
      expect(groups.map(({ labels }) => labels)).toEqual([{ job: 'nightly/1', path: '/var lib', empty: '' }]);
      return Object.keys(groups[0]!).filter((name) => !/^(labels|last_push_successful|push_.*)$/.test(name));
    };
    const verdict = ['job_duration_seconds', 'job_last_completion_timestamp_seconds', 'job_success'];
    const success = [...verdict, 'job_last_success_timestamp_seconds'];

    expect(await run('echo "old 1" > "$EXPORTER_PUSH_METRICS"')).toMatchObject({ code: 0, stderr: '' });
    expect((await families()).sort()).toEqual([...success, 'old'].sort());
    expect(await run('echo "new 1" > "$EXPORTER_PUSH_METRICS"')).toMatchObject({ code: 0, stderr: '' });
    expect((await families()).sort()).toEqual([...success, 'new'].sort());

    const { code, stderr } = await run('echo "newer 1" > "$EXPORTER_PUSH_METRICS"; exit 3');
    expect(stderr).toMatch(
      /^time=\S+ level=error msg="job failed" job=nightly\/1 .* exit_code=3 .*err="sh exited with 3"\n$/,
    );
    expect(code).toBe(3);
    expect((await families()).sort()).toEqual([...success, 'new'].sort());
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/^job_success\{.*job="nightly\/1".*\} 0$/m);
  });
});

describe('a command', () => {
  it('keeps its arguments, its environment and its standard streams', async () => {
    const directory = await folder();
    const { code, stdout, stderr } = await exporterPush(
      ['--job=test', '--textfile', directory, ...sh('cat; echo "$1|$2|$MINE"; echo trouble >&2'), 'sh', 'a  b', '--'],
      { input: 'from standard input\n', env: { MINE: '1' } },
    );
    expect([code, stdout, stderr]).toEqual([0, 'from standard input\na  b|--|1\n', 'trouble\n']);
    expect(await written(directory)).toMatchObject({ job_success: 1 });
  });

  it.each([
    ['exit code 0', ['true'], 0, undefined],
    ['exit code 1', ['false'], 1, 'false exited with 1'],
    ['exit code 255', ['sh', '-c', 'exit 255'], 255, 'sh exited with 255'],
    ['not found', ['no-such-command'], 127, 'no-such-command: command not found in $PATH'],
    ['not found there', ['./no such'], 127, './no such: command not found'],
    ['a command line as one word', ['echo hi'], 127, "as words of their own, or: sh -c 'echo hi'"],
    ['a folder', [tmpdir()], 126, 'cannot be run: not an executable file'],
    ['no program', ['/etc/passwd'], 126, '/etc/passwd cannot be run: not an executable file'],
    ['a crash', ['sh', '-c', 'kill -SEGV $$'], 139, 'sh was ended by SIGSEGV'],
    ['a signal with another meaning to Node', ['sh', '-c', 'kill -USR1 $$'], 138, 'sh was ended by SIGUSR1'],
  ])('ends like it: %s', async (_, command, code, said) => {
    const directory = await folder();
    const exit = await exporterPush(['--job=test', `--textfile=${directory}`, '--', ...command]);
    expect(exit).toMatchObject({ code, stdout: '' });
    if (said === undefined) expect(exit.stderr).toBe('');
    else expect(exit.stderr.replaceAll('\\"', '"')).toContain(said);
    expect(await written(directory)).toMatchObject({ job_success: code === 0 ? 1 : 0 });
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)('dies by the signal it died by: %s', async (signal) => {
    const directory = await folder();
    const script = `kill -${signal.slice(3)} $$`;
    expect(await exporterPush(['--job=test', `--textfile=${directory}`, ...sh(script)])).toMatchObject({
      code: null,
      signal,
    });
    expect(await written(directory)).toMatchObject({ job_success: 0 });
  });

  it('is not run when flags are wrong', async () => {
    const directory = await folder();
    const touch = ['--', 'touch', join(directory, 'ran')];
    for (const args of [
      ['--job=test'],
      ['--job=test', '--gateway=gateway:9091'],
      ['--timeout=soon', '--job=a', '--dry-run'],
    ]) {
      expect((await exporterPush([...args, ...touch])).code).toBe(64);
    }
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('signals', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s reaches the command and all it has started', async (signal) => {
    const directory = await folder();
    // The outer shell waits for the inner one, as a script waits for tar.
    const script = `sh -c 'echo pid=$$; ${busy}'; echo never`;
    const running = await started(['--job=test', `--textfile=${directory}`], script, /pid=(\d+)\n/);
    const exit = await running.stop(signal);
    expect(exit).toMatchObject({ code: null, signal });
    expect(exit.stderr).toContain(`err="sh was ended by ${signal}"`);
    await until('the inner shell is gone', async () => !isAlive(Number(running.match[1])) || undefined, 50_000);
    expect(await written(directory)).toMatchObject({ job_success: 0 });
  });

  it('leave the last word to the command', async () => {
    const directory = await folder();
    const ready = `trap "echo cleaned up; exit 7" TERM; echo ready; ${busy}`;
    const running = await started(['--job=test', `--textfile=${directory}`], ready, /ready/);
    const { code, stdout } = await running.stop('SIGTERM');
    expect([code, stdout]).toEqual([7, 'ready\ncleaned up\n']);
    expect(await written(directory)).toMatchObject({ job_success: 0 });
  });

  it('end it at once when they come again', async () => {
    const directory = await folder();
    const stubborn = `trap "echo no" TERM; echo pid=$$ $EXPORTER_PUSH_METRICS; ${busy}`;
    const running = await started(['--job=test', `--textfile=${directory}`], stubborn, /pid=(\d+) (\S+)/);
    onTestFinished(() => killIfAlive(Number(running.match[1])));
    process.kill(running.pid, 'SIGTERM');
    await until('the command has refused', async () => running.output().includes('no') || undefined, 50_000);
    expect(await running.stop('SIGTERM')).toMatchObject({ code: null, signal: 'SIGTERM' });
    await until('the command is gone', async () => !isAlive(Number(running.match[1])) || undefined, 50_000);
    expect(await readdir(directory)).toEqual([]);
    await expect(readdir(dirname(running.match[2]!))).rejects.toThrow('ENOENT');
  });

  it('come to the command once from the keyboard', async (context) => {
    const pty = ['-qec', `"$NODE" "$PROGRAM" --job=test --dry-run -- "$NODE" -e '${countInterrupts}'`, '/dev/null'];
    const names = { NODE: process.execPath, PROGRAM: program, SHELL: '/bin/sh' };
    const typing = `(while [ ! -e "$READY" ]; do sleep 0.02; done; printf '\\003'; while [ ! -e "$READY.over" ]; do sleep 0.02; done) | script "$@"`;
    const READY = join(await folder(), 'ready');
    if ((await runProgram(['-c', 'command -v script'], { command: 'sh' })).code !== 0) return context.skip();
    const { stdout } = await runProgram(['-c', typing, 'sh', ...pty], { command: 'sh', env: { ...names, READY } });
    expect(stdout).toContain('interrupts=1\r');
  });
});

function killIfAlive(pid: number): void {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** A program that tells how often it was interrupted in half a second. */
const countInterrupts = `
  let interrupts = 0;
  const alive = setInterval(() => {}, 1000);
  process.on("SIGINT", () => {
    if (interrupts++ > 0) return;
    setTimeout(() => { console.log("interrupts=" + interrupts); clearInterval(alive); }, 500);
    process.on("exit", () => require("node:fs").writeFileSync(process.env.READY + ".over", ""));
  });
  require("node:fs").writeFileSync(process.env.READY, "");
`;

describe('--timeout', () => {
  it('asks the command to end', async () => {
    const directory = await folder();
    const to = ['--job=test', `--textfile=${directory}`, '--timeout=200ms'];
    const { code, stderr } = await exporterPush([...to, ...sh(`trap "exit 0" TERM; ${busy}`)]);
    expect(code).toBe(124);
    expect(stderr).toContain('err="sh exceeded --timeout and was terminated"');
    expect(await written(directory)).toMatchObject({ job_success: 0 });
  });

  it('ends it when it does not', async () => {
    const args = ['--job=test', '--dry-run', '--timeout=100ms', '--kill-after=100ms'];
    const { code, stdout } = await exporterPush([...args, ...sh(`trap "" TERM; ${busy}`)]);
    expect(code).toBe(124);
    expect(stdout).toContain('\njob_success 0\n');
  });

  it('says nothing to a command that ends in time', async () => {
    expect(await exporterPush(['--job=test', '--dry-run', '--timeout=1h30m', '--', 'true'])).toMatchObject({ code: 0 });
  });
});

describe('$EXPORTER_PUSH_METRICS', () => {
  it('names a file that others can not read, and that is gone afterwards', async () => {
    const script =
      'echo "$EXPORTER_PUSH_METRICS"; stat -c "%a %s" "$EXPORTER_PUSH_METRICS"; stat -c %a "$(dirname "$EXPORTER_PUSH_METRICS")"';
    const { stdout } = await exporterPush(['--job=test', '--dry-run', ...sh(script)]);
    const [path, file, holder] = stdout.split('\n');
    expect([file, holder]).toEqual(['600 0', '700']);
    await expect(readdir(join(path!, '..'))).rejects.toThrow('ENOENT');
  });

  it.each([
    ['no exposition', 'echo "size 12K"', 'line 1: \\"12K\\" is not a number'],
    [
      "a label of the group's",
      `echo 'size{instance="db2"} 12'`,
      'line 1: the label \\"instance\\" is set by --grouping',
    ],
    ["a family of every job's", 'echo "job_success 1"', 'line 1: job_success is written by exporter-push itself'],
    ['too much', 'head -c 17000000 /dev/zero', 'there are more than 8 MiB'],
  ])('holds %s: the run has failed', async (_, script, said) => {
    const args = ['--job=test', '--grouping=instance=db1', '--dry-run'];
    const { code, stdout, stderr } = await exporterPush([...args, ...sh(`${script} > "$EXPORTER_PUSH_METRICS"`)]);
    expect(code).toBe(65);
    expect(stderr).toContain(`err="$EXPORTER_PUSH_METRICS: ${said}`);
    expect(stdout).toContain('\njob_success 0\n');
  });

  it('may have heads alone, as of a client that has counted nothing', async () => {
    const heads = sh('echo "# TYPE rows_total counter" > "$EXPORTER_PUSH_METRICS"');
    const { code, stdout } = await exporterPush(['--job=test', '--dry-run', ...heads]);
    expect(code).toBe(0);
    expect(stdout).toContain('\njob_success 1\n');
  });

  it('may be taken away by the command', async () => {
    const { code, stdout } = await exporterPush(['--job=test', '--dry-run', ...sh('rm "$EXPORTER_PUSH_METRICS"')]);
    expect(code).toBe(0);
    expect(stdout).toContain('\njob_success 1\n');
  });

  it('is missing where no file can be made; the work is done all the same', async () => {
    const env = { TMPDIR: '/no/such/folder' };
    const { code, stdout, stderr } = await exporterPush(
      ['--job=test', '--dry-run', ...sh('echo "<$EXPORTER_PUSH_METRICS>"')],
      { env },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<>\n/);
    expect(stderr).toContain('level=warn msg="the command runs without $EXPORTER_PUSH_METRICS"');
  });
});

it('writes to a remote write endpoint too, under the names that runJob has for its flags', async () => {
  const engine = await startEngine();
  onTestFinished(() => engine.close());
  const directory = await folder();
  const args = [`--push.remote-write=${engine.url}`, `--push.textfile=${directory}`, '--push.grouping=instance=db1'];
  const env = { EXPORTER_PUSH_BEARER_TOKEN: 'letmein' };
  expect(await exporterPush(['--job=test', ...args, ...sh('true')], { env })).toMatchObject({ code: 0, stderr: '' });
  const [{ headers, series }] = engine.written as never as [(typeof engine.written)[number]];
  expect(headers.authorization).toBe('Bearer letmein');
  const labels = series.map((one) => Object.fromEntries(one.labels));
  expect(labels).toContainEqual({ __name__: 'job_success', instance: 'db1', job: 'test' });
  expect(await readdir(directory)).toHaveLength(1);
});

describe('trouble with the gateway', () => {
  const dead = ['--job=test', '--gateway=http://127.0.0.1:1', '--push-timeout=1500ms'];

  it.each([
    ['leaves the exit code of a success', [], 'true', 0],
    ['leaves the exit code of a failure', [], 'exit 3', 3],
    ['turns the exit code of a success if asked', ['--push-required'], 'true', 75],
    ['leaves the exit code of a failure, though asked', ['--push-required'], 'exit 3', 3],
  ])('%s', async (_, args, script, code) => {
    const exit = await exporterPush([...dead, ...args, ...sh(script)]);
    expect(exit.code).toBe(code);
    expect(exit.stderr).toMatch(
      /msg="not delivered" job=test sink="pushgateway http:\/\/127.0.0.1:1" err=".*ECONNREFUSED/,
    );
    // Without --push-timeout, there is time for six or more.
    expect(Number(/\((\d+) attempts\)/.exec(exit.stderr)?.[1] ?? 1)).toBeLessThanOrEqual(4);
  });

  it('keeps the result in the spool, and the next run delivers it', async () => {
    const [spool, textfiles] = [await folder(), join(await folder(), 'later')];
    const to = ['--job=test', `--textfile=${textfiles}`, `--spool=${spool}`];
    const lost = await exporterPush([...to, ...sh('echo "kept 1" > "$EXPORTER_PUSH_METRICS"')]);
    expect(lost.stderr).toContain('not delivered; kept in the spool for the next run');
    expect((await readdir(spool)).filter((name) => name.endsWith('.spool'))).toHaveLength(1);
    await mkdir(textfiles);
    expect((await exporterPush([...to, '--', 'false'])).code).toBe(1);
    expect(await written(textfiles)).toMatchObject({ kept: 1, job_success: 0 });
    expect((await readdir(spool)).filter((name) => name.endsWith('.spool'))).toEqual([]);
  });
});

it('says nothing of what went well, or one line if asked', async () => {
  const to = ['--job=test', `--textfile=${await folder()}`];
  expect((await exporterPush([...to, '--', 'true'])).stderr).toBe('');
  const { stderr } = await exporterPush([...to, '--log.level=info', '--', 'true']);
  expect(stderr).toMatch(
    /^time=\S+ level=info msg="job succeeded" job=test duration_seconds=\S+ exit_code=0 delivered=1 not_delivered=0\n$/,
  );
});

it('takes all flags from the environment', async () => {
  const directory = await folder();
  const env = {
    EXPORTER_PUSH_JOB: 'test',
    EXPORTER_PUSH_TEXTFILE: directory,
    EXPORTER_PUSH_TIMEOUT: '100ms',
    EXPORTER_PUSH_MODE: 'replace',
  };
  expect((await exporterPush(['--', 'sleep', '5'], { env })).code).toBe(124);
  expect(await written(directory)).toMatchObject({ job_success: 0 });
});
