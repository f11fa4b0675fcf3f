import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Exit, runProgram, startProgram } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FaultyGateway, faultyGateway } from '../../src/testing/faulty-gateway.ts';
import { folder } from './memory.ts';

const script = fileURLToPath(new URL('../programs/job.mjs', import.meta.url));
const job = (args: readonly string[] = [], env = {}): Promise<Exit> => runProgram([script, ...args], { env });
const lines = (text: string): string[] => text.trimEnd().split('\n');

async function gatewayOf(...script: Parameters<typeof faultyGateway>): Promise<FaultyGateway> {
  const gateway = await faultyGateway(...script);
  onTestFinished(() => gateway.close());
  return gateway;
}

describe('a job', () => {
  it('prints its result unless told where to push it', async () => {
    const { code, stdout, stderr } = await job();
    expect(stdout).toContain('\nitems 3\n');
    expect(stdout).toContain('\njob_success 1\n');
    expect(stderr).toMatch(
      /^time=\S+ level=info msg="job succeeded" job="test job" duration_seconds=\S+ delivered=1 not_delivered=0\n$/,
    );
    expect(code).toBe(0);
  });

  it('writes a textfile under its grouping; a failure keeps what was there and ends with 1', async () => {
    const directory = await folder();
    const to = [`--push.textfile=${directory}`, '--push.grouping=instance=db1'];
    expect((await job(to)).code).toBe(0);
    const { code, stderr } = await job([...to, '--fail']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/level=error msg="job failed" job="test job" .*err="no space left"/);
    expect(lines(stderr).length).toBe(1);
    const [file] = await readdir(directory);
    const body = await readFile(join(directory, file!), 'utf8');
    expect(body).toContain('items{job="test job",instance="db1"} 3');
    expect(body).toContain('job_success{job="test job",instance="db1"} 0');
  });

  it('prints with --dry-run, and leaves no trace', async () => {
    const directory = await folder();
    const gateway = await gatewayOf('ok');
    const { stdout, code } = await job([
      `--push.gateway=${gateway.url}`,
      `--push.textfile=${directory}`,
      `--push.spool=${join(directory, 'spool')}`,
      '--push.remove-on-exit',
      '--push.progress=1ms',
      '--dry-run',
    ]);
    expect(stdout.match(/^items 3$/gm)?.length).toBe(1);
    expect([code, await readdir(directory), gateway.received]).toEqual([0, [], []]);
  });

  it('says when its result could not be delivered, and still ends with 0: the work is done', async () => {
    const nowhere = join(await folder(), 'nowhere');
    const { code, stderr } = await job([`--push.textfile=${nowhere}`]);
    expect(stderr).toMatch(/level=error msg="not delivered" .*no such directory; create it/);
    expect(stderr).toMatch(/msg="job succeeded" .*delivered=0 not_delivered=1/);
    expect(code).toBe(0);
  });

  it.each([
    ['its success', [], 75, /msg="job succeeded"/],
    ["its failure, which has the job's own code", ['--fail'], 1, /msg="job failed" .*err="no space left"/],
  ])('ends with another code where delivery is required: %s', async (_what, args, code, message) => {
    const nowhere = join(await folder(), 'nowhere');
    const exit = await job([`--push.textfile=${nowhere}`, '--push.required', ...args]);
    expect(exit.stderr).toMatch(message);
    expect(exit.code).toBe(code);
    expect((await job(['--push.required', ...args])).code).toBe(args.length === 0 ? 0 : 1);
  });

  it('takes each flag from the environment too', async () => {
    const gateway = await gatewayOf('ok');
    await job([], { TEST_JOB_PUSH_GATEWAY: gateway.url, TEST_JOB_PUSH_REMOVE_ON_EXIT: 'true' });
    expect(gateway.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'DELETE /metrics/job@base64/dGVzdCBqb2I',
    ]);
  });

  it('pushes progress while it runs, and its end last', async () => {
    const gateway = await gatewayOf('ok');
    const to = [`--push.gateway=${gateway.url}`, '--push.progress=20ms'];
    const program = await startProgram([script, ...to, '--do=work', '--job.grace=1ms'], { until: /working/ });
    await expect.poll(() => gateway.received.length).toBeGreaterThan(3);
    const { code } = await program.stop();
    const far = gateway.received.slice(0, -1).map(({ method, text }) => {
      expect(method).toBe('POST');
      expect(text).not.toContain('job_');
      return Number(/^done (\d+)$/m.exec(text)?.[1]);
    });
    expect(far).toEqual([...new Set(far)].sort((a, b) => a - b));
    expect(gateway.received.at(-1)).toMatchObject({ method: 'POST', text: expect.stringContaining('job_success 0') });
    expect(code).toBe(1);
  });

  it.each([
    [['--push.gateway=gateway:9091'], /--push.gateway: .*"gateway:9091" is not an http\(s\) URL/],
    [['--push.remote-write=engine'], /--push.remote-write: .*"engine" is not an http\(s\) URL/],
    [['--push.grouping=instance'], /--push.grouping: "instance" is not a label with its value; write LABEL=VALUE/],
    [['--push.grouping=job=x'], /"job" is the job's own name/],
    [['--job.timeout=10'], /--job.timeout: "10" is not a duration; write 15s, 1m30s or 500ms/],
    [['--job.timeout=0'], /--job.timeout: 0 is too short/],
    [['--push.timeout=30d'], /--push.timeout: 30d is too long; write 24d at the most/],
    [['--colour'], /unknown flag --colour/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await job(args);
    expect(stderr).toMatch(message);
    expect(lines(stderr).length).toBe(1);
    expect(code).toBe(64);
  });
});

describe('whatever ends a job, its verdict is out', () => {
  const exitCall = (n: number) =>
    new RegExp(
      `err="the job called process.exit\\(${n}\\), which would have lost its result; return from run\\(\\), or`,
    );
  it.each([
    ['leave-timers', 0, 1, /msg="job succeeded"/],
    ['never', 1, 0, /err="event loop ran empty/],
    ['throw-in-callback', 1, 0, /err="uncaught exception \(.*JSON/],
    ['forget-await', 1, 0, /err="unhandled promise rejection \(nobody waits for me\)"/],
    ['exit-well', 1, 0, exitCall(0)],
    ['exit-badly', 1, 0, exitCall(3)],
    ['exit-in-callback', 1, 0, exitCall(3)],
  ])('%s ends with %d', async (way, code, success, message) => {
    const gateway = await gatewayOf('ok');
    const exit = await job([`--do=${way}`, '--job.grace=50ms', `--push.gateway=${gateway.url}`]);
    expect(exit.stderr).toMatch(message);
    expect([lines(exit.stderr).length, exit.code]).toEqual([1, code]);
    expect(gateway.received.map(({ method }) => method)).toEqual([success ? 'PUT' : 'POST']);
    expect(gateway.received[0]?.text).toContain(`\njob_success ${success}\n`);
  });

  it('a stray error after its end is told, and ends with 1; the result stands', async () => {
    const gateway = await gatewayOf('ok');
    const { code, stderr } = await job(['--do=fail-after', `--push.gateway=${gateway.url}`]);
    expect(gateway.received[0]?.text).toContain('\njob_success 1\n');
    expect(stderr).toMatch(/level=error msg="error after the job had ended; its result stands" err=after/);
    expect(code).toBe(1);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('%s aborts it', async (signal) => {
    const program = await startProgram([script, '--hang'], { until: /hanging/ });
    const { code, stderr, stdout } = await program.stop(signal);
    expect(stderr).toMatch(new RegExp(`msg="job failed" .*err="ended by ${signal}"`));
    expect(stdout).toContain('\njob_success 0\n');
    expect(code).toBe(1);
  });

  it('a handler of its own for signals that exits does not lose it', async () => {
    const gateway = await gatewayOf('ok');
    const args = ['--do=catch-signals', `--push.gateway=${gateway.url}`];
    const program = await startProgram([script, ...args], { until: /hanging/ });
    const { code, stderr } = await program.stop();
    expect(gateway.received[0]?.text).toContain('\njob_success 0\n');
    expect(stderr).toMatch(/err="(ended by SIGTERM|the job called process.exit)/);
    expect(code).toBe(1);
  });

  it.each(['deaf', 'reject-late'])('a job that does not heed it is left behind: %s', async (way) => {
    const gateway = await gatewayOf('ok');
    const args = [`--do=${way}`, '--job.grace=100ms', `--push.gateway=${gateway.url}`];
    const program = await startProgram([script, ...args], { until: /deaf|hanging/ });
    // Left alone, it would be killed after a while.
    const { code, stderr } = await program.stop();
    expect(stderr).toMatch(/ending=aborted err="ended by SIGTERM"/);
    expect(gateway.received[0]?.text).toContain('\njob_success 0\n');
    expect(code).toBe(1);
  });

  it('its time limit aborts it', async () => {
    const { code, stderr, stdout } = await job(['--hang', '--job.timeout=100ms']);
    expect(stderr).toMatch(/msg="job failed" .*ending="timed out" err="exceeded its time limit of 100ms"/);
    expect(stdout).toContain('\njob_success 0\n');
    expect(code).toBe(1);
  });

  it('a signal while a dead gateway is asked ends it within its time', async () => {
    const gateway = await gatewayOf('hang');
    const to = [`--push.gateway=${gateway.url}`, '--push.timeout=500ms'];
    const program = await startProgram([script, ...to], { until: /^/ });
    await expect.poll(() => gateway.received.length).toBe(1);
    const { code, stderr } = await program.stop();
    expect(stderr).toMatch(/msg="not delivered" .*push timeout of \S+ exceeded/);
    expect(code).toBe(0);
  });

  it('a second signal ends it at once', async () => {
    const program = await startProgram([script, '--do=deaf', '--job.grace=1h'], { until: /deaf/ });
    process.kill(program.pid, 'SIGTERM');
    const again = setInterval(() => process.kill(program.pid, 'SIGTERM'), 20);
    onTestFinished(() => clearInterval(again));
    const { code } = await program.exit;
    clearInterval(again);
    expect(code).toBe(143);
  });
});
