import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Program, runProgram, startProgram, until } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { echoServer } from './echo-server.ts';
import { get, valueIn } from './get.ts';

const program = (name: string): string => fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url));

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'source-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

interface Running {
  readonly exporter: Program;
  readonly url: string;
  metrics(query?: string, timeoutSeconds?: number): Promise<string>;
  write(text: string): Promise<void>;
  reload(): Promise<number>;
}

async function running(config: string): Promise<Running> {
  const file = join(await folder(), 'config.yml');
  await writeFile(file, config);
  const args = [`--config.file=${file}`, '--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle'];
  const exporter = await startProgram([program('echo-exporter'), ...args], { until: /msg=listening address=(\S+)/ });
  onTestFinished(async () => void (await exporter.stop('SIGKILL')));
  const url = exporter.match[1]!;
  return {
    exporter,
    url,
    async metrics(query = '', timeoutSeconds = 10) {
      const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutSeconds) };
      const { status, text } = await get(`${url}metrics${query}`, headers);
      expect(status).toBe(200);
      return text;
    },
    write: (text) => writeFile(file, text),
    reload: async () => (await get(`${url}-/reload`, {}, 'POST')).status,
  };
}

describe('an exporter with a source', () => {
  it('has one connection for all its scrapes, and none after a reload, a drain or a changed secret', async () => {
    const server = await echoServer();
    const { metrics, write, reload, exporter } = await running(`echo: { port: ${server.port} }\n`);
    expect([server.seen(), server.open.size]).toEqual([0, 0]);
    for (let i = 0; i < 10; i++) {
      const text = await metrics();
      expect([valueIn(text, 'echo_up'), valueIn(text, 'echo_size'), valueIn(text, 'echo_words')]).toEqual([1, 8, 7]);
    }
    expect([server.seen(), server.lines.filter((line) => line === 'GET size').length]).toEqual([1, 10]);
    expect(await reload()).toBe(200);
    await metrics();
    expect(server.seen()).toBe(1);

    const secret = join(await folder(), 'secret');
    for (let i = 0; i < 5; i++) {
      await writeFile(secret, `word ${i}`);
      server.password = `word ${i}`;
      await write(`echo: { port: ${server.port}, password-file: ${secret} }\n`);
      expect(await reload()).toBe(200);
      expect(valueIn(await metrics(), 'echo_up')).toBe(1);
      await until('the old connection is closed', async () => (server.open.size === 1 ? true : undefined), 50_000);
    }
    expect(server.seen()).toBe(6);
    await exporter.stop('SIGTERM');
    expect(exporter.output()).not.toMatch(/level=(warn|error)/);
    await until('all connections are closed', async () => (server.open.size === 0 ? true : undefined), 50_000);
  });

  it('says up 0 in time while the server hangs, in one line of the log, and up 1 at once when it answers', async () => {
    const server = await echoServer();
    const { metrics, exporter } = await running(`echo: { port: ${server.port} }\n`);
    await metrics();
    server.hangs = true;
    // Nothing but their deadlines ends these scrapes.
    for (let i = 0; i < 3; i++) {
      const text = await metrics('', 0.8);
      expect(valueIn(text, 'echo_up')).toBe(0);
      expect(valueIn(text, 'echo_scrape_collector_success{collector="size"}')).toBe(0);
      expect(text).not.toContain('echo_size ');
    }
    expect(exporter.output().match(/source is down/g)).toHaveLength(1);
    server.hangs = false;
    server.cut();
    await until('it is up', async () => (valueIn(await metrics(), 'echo_up') === 1 ? true : undefined), 50_000);
    expect(server.open.size).toBe(1);
    const lines = exporter.output().split('\n');
    expect(lines.filter((line) => /collector failed/.test(line))).toEqual([]);
    expect(lines.filter((line) => /msg="source is up again" source=echo/.test(line))).toHaveLength(1);
  });

  it('tells named targets apart, reads those asked for, and shows how they fare', async () => {
    const [one, other] = [await echoServer(), await echoServer()];
    other.password = 'else';
    const targets = `    db-1: { port: ${one.port} }\n    db_1: { port: ${other.port} }`;
    const { metrics, url, exporter } = await running(`echo:\n  targets:\n${targets}\n`);
    const text = await metrics();
    expect(valueIn(text, 'echo_up{server="db-1"}')).toBe(1);
    expect(valueIn(text, 'echo_up{server="db_1"}')).toBe(0);
    expect(valueIn(text, 'echo_scrape_source_failures_total{source="echo",server="db_1",stage="open"}')).toBe(1);
    const part = await metrics('?target[]=db-1');
    expect(part).not.toContain('db_1');
    expect((await get(`${url}metrics?target[]=db-2`)).status).toBe(400);
    // A wrong password is not tried again.
    for (let i = 0; i < 5; i++) await metrics();
    expect(other.seen()).toBe(1);
    expect(exporter.output()).toMatch(
      /msg="source is down" source=echo server=db_1 stage=open reason="wrong password"/,
    );
    expect(exporter.output().match(/source is down/g)).toHaveLength(1);
    const status = JSON.parse((await get(`${url}-/status.json`)).text);
    expect(status.sources).toMatchObject([
      { name: 'echo', labels: { server: 'db-1' }, status: 'open', opens: 1 },
      { name: 'echo', labels: { server: 'db_1' }, status: 'waiting', opens: 0, error: 'Denied' },
    ]);
    expect(JSON.stringify(status)).not.toContain(String(one.port));
  });

  it('ends --once with 1 when the source is down, and leaves no connection', async () => {
    const server = await echoServer();
    const once = (): ReturnType<typeof runProgram> =>
      runProgram([program('echo-exporter'), `--echo.port=${server.port}`, '--once']);
    const good = await once();
    expect([good.code, valueIn(good.stdout, 'echo_up'), server.open.size]).toEqual([0, 1, 0]);
    server.password = 'else';
    const bad = await once();
    expect([bad.code, valueIn(bad.stdout, 'echo_up'), server.open.size]).toEqual([1, 0, 0]);
  });

  it('is refused without required settings, in a line that names them', async () => {
    const { code, stderr } = await runProgram([program('echo-exporter'), '--once']);
    expect(code).not.toBe(0);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/echo\.port/);
  });
});

describe('a job with a source', () => {
  const job = (...args: string[]): ReturnType<typeof runProgram> => runProgram([program('echo-job'), ...args]);

  it('opens it for the run, and closes it after', async () => {
    const server = await echoServer();
    const { code, stdout } = await job(`--echo.port=${server.port}`, '--collector.words.kind=long words');
    expect([valueIn(stdout, 'echo_up'), valueIn(stdout, 'echo_size'), valueIn(stdout, 'echo_words')]).toEqual([
      1, 8, 14,
    ]);
    expect([code, valueIn(stdout, 'report_done'), server.seen(), server.open.size]).toEqual([0, 1, 1, 0]);
  });

  it('pushes up 0 and the rest when the source is down, with one error', async () => {
    const server = await echoServer();
    server.password = 'else';
    const { code, stdout, stderr } = await job(`--echo.port=${server.port}`);
    expect([code, valueIn(stdout, 'echo_up'), valueIn(stdout, 'report_done')]).toEqual([0, 0, 1]);
    expect(valueIn(stdout, 'job_success')).toBe(1);
    expect(stderr.match(/level=error/g)).toHaveLength(1);
    expect(stderr).toMatch(/level=error msg="source is down" source=echo stage=open reason="wrong password"/);
  });

  it('takes several targets as JSON', async () => {
    const server = await echoServer();
    const { stdout } = await job(`--echo.targets={"a":{"port":${server.port}},"b":{"port":1}}`);
    expect([valueIn(stdout, 'echo_up{server="a"}'), valueIn(stdout, 'echo_up{server="b"}')]).toEqual([1, 0]);
  });
});
