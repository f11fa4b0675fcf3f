import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needPeers, type Program, promtoolCheckMetrics, startProgram, until } from 'test-servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { get, samplesOf, valueIn } from './get.ts';
import { untilInFlight } from './serving.ts';

const script = fileURLToPath(new URL('./programs/configured.mjs', import.meta.url));

interface Running {
  readonly folder: string;
  readonly program: Program;
  readonly url: string;
  metrics(): Promise<string>;
  /** Writes the config file in one step. */
  write(text: string): Promise<void>;
  /** Asks for a reload over HTTP. */
  reload(headers?: { readonly [name: string]: string }, method?: string): Promise<{ status: number; text: string }>;
  /** Waits for a line of the log. */
  says(line: RegExp): Promise<RegExpMatchArray>;
}

async function running(text: string, args: readonly string[] = []): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'run-reload-'));
  const file = join(folder, 'config.yml');
  await writeFile(file, text);
  const flags = [`--config.file=${file}`, '--web.listen-address=127.0.0.1:0', '--web.enable-lifecycle'];
  const program = await startProgram([script, ...flags, ...args], { until: /msg=listening address=(\S+)/ });
  onTestFinished(async () => {
    await program.stop('SIGKILL');
    await rm(folder, { recursive: true });
  });
  const url = program.match[1]!;
  return {
    folder,
    program,
    url,
    metrics: async () => (await get(`${url}metrics`)).text,
    async write(content) {
      await writeFile(`${file}.new`, content);
      await rename(`${file}.new`, file);
    },
    reload: (headers, method = 'POST') => get(`${url}-/reload`, headers, method),
    says: (line) => until(String(line), async () => program.output().match(line) ?? undefined, 30_000),
  };
}

const successful = 'shop_config_last_reload_successful';
const successAt = 'shop_config_last_reload_success_timestamp_seconds';

describe('a reload', () => {
  it('takes effect, keeps the last good configuration on any error, and is told in families', async () => {
    const { folder, metrics, write, reload, says } = await running('size: 1');
    await writeFile(join(folder, 'marked'), '\uFEFFhunter2');
    const start = await metrics();
    expect([valueIn(start, 'shop_size'), valueIn(start, successful)]).toEqual([1, 1]);
    await write('size: 2\ncollector: { greeting: { word: hi } }\n');
    expect(await reload()).toMatchObject({ status: 200, text: 'reloaded\n' });
    const good = await metrics();
    expect([valueIn(good, 'shop_size'), valueIn(good, 'shop_greeting_length')]).toEqual([2, 2]);
    expect(valueIn(good, successAt)).toBeGreaterThan(valueIn(start, successAt)!);

    for (const [text, why] of [
      ['size: large', /config\.yml:1: size must be a number/],
      ['sizze: 3', /sizze is unknown; did you mean size\?/],
      ['[', /config\.yml:1: /],
      ['password-file: nowhere', /cannot read \S*nowhere: no such file/],
      ['password-file: marked', /\S*marked begins with a byte order mark; save it as UTF-8/],
    ] as const) {
      await write(text);
      expect(await reload()).toMatchObject({ status: 500, text: 'not reloaded; see the log\n' });
      await says(why);
      const kept = await metrics();
      expect([valueIn(kept, 'shop_size'), valueIn(kept, successful)]).toEqual([2, 0]);
      expect(valueIn(kept, successAt)).toBe(valueIn(good, successAt));
    }
    await write('size: 4');
    expect((await reload()).status).toBe(200);
    const mended = await metrics();
    expect([valueIn(mended, 'shop_size'), valueIn(mended, successful)]).toEqual([4, 1]);
  });

  it('is asked for by SIGHUP', async () => {
    const { program, metrics, write, says } = await running('size: 1');
    await write('size: 2');
    process.kill(program.pid, 'SIGHUP');
    await says(/msg="configuration reloaded" by=SIGHUP/);
    expect(valueIn(await metrics(), 'shop_size')).toBe(2);
  });

  it('is done when the file, or a secret that it names, changes', async () => {
    const { folder, program, metrics, write, says } = await running('size: 1', ['--config.watch']);
    const secret = join(folder, 'secret');
    await writeFile(secret, 'four');
    await write('size: 2\npassword-file: secret\n');
    await says(/msg="configuration reloaded" by="a changed file"/);
    expect(valueIn(await metrics(), 'shop_password_characters')).toBe(4);
    await writeFile(secret, 'seven77');
    await until(
      'the new secret',
      async () => valueIn(await metrics(), 'shop_password_characters') === 7 || undefined,
      50_000,
    );
    await write('size: oh');
    await says(/not reloaded/);
    await write('size: 3');
    await until('the mended file', async () => valueIn(await metrics(), 'shop_size') === 3 || undefined, 50_000);
    // What can't be used is read once, not at each look.
    expect(program.output().match(/not reloaded/g)).toHaveLength(1);
  });

  it('is for those alone who may ask for it', async () => {
    const { url, reload } = await running('size: 1');
    expect(await reload({}, 'GET')).toMatchObject({ status: 405, headers: { allow: 'POST, PUT' } });
    expect((await reload({}, 'PUT')).status).toBe(200);
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: url.slice(0, -1) },
    ]) {
      expect((await reload(headers as { [name: string]: string })).status).toBe(403);
    }
    expect((await reload({ origin: url.slice(0, -1) })).status).toBe(200);
    expect((await reload({ origin: 'http://proxy.example', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    const without = await running('web: { enable-lifecycle: false }', ['--web.telemetry-path=/metrics']);
    expect((await without.reload()).status).toBe(200);
  });

  it('says what can change at the next start only', async () => {
    const { write, reload, says, url } = await running('size: 1');
    await write('size: 2\nlog: { format: json }\n');
    expect((await reload()).status).toBe(200);
    await says(/level=warn msg="these flags take effect only after a restart" flags=log\.format\n/);
    await write('size: 2\nlog: { level: debug }\n');
    await reload();
    await get(`${url}metrics`);
    await says(/level=debug msg="collector succeeded"/);
  });

  it('lets a scrape under way finish under the old configuration, and starts no second call of what hangs', async () => {
    const { program, url, write, reload, says } = await running('collector: { slow: true }');
    const scrape = get(`${url}metrics`, { 'x-prometheus-scrape-timeout-seconds': '60' });
    await says(/slow: begun/);
    await write('collector: { slow: true, greeting: { word: hi } }');
    expect((await reload()).status).toBe(200);
    const joined = get(`${url}metrics?collect[]=slow`, { 'x-prometheus-scrape-timeout-seconds': '60' });
    await untilInFlight(`${url}metrics`, 2);
    process.kill(program.pid, 'SIGUSR2');
    const before = (await scrape).text;
    expect([valueIn(before, 'shop_slow_done'), valueIn(before, 'shop_greeting_length')]).toEqual([1, 5]);
    expect(valueIn((await joined).text, 'shop_slow_done')).toBe(1);
    expect(program.output().match(/slow: begun/g)).toHaveLength(1);
  });

  it('is done one after the other, and the last one asked for has read the last file', async () => {
    const { write, reload, metrics, program } = await running('size: 0');
    const reloads: Promise<{ status: number }>[] = [];
    for (let size = 1; size <= 20; size++) {
      await write(`size: ${size}`);
      reloads.push(reload());
    }
    expect((await Promise.all(reloads)).every(({ status }) => status === 200)).toBe(true);
    expect(valueIn(await metrics(), 'shop_size')).toBe(20);
    expect(program.output()).not.toContain('not reloaded');
  });

  it('keeps counts, however often it is done', async () => {
    const { url, metrics, reload, write } = await running('size: 1');
    await metrics();
    for (let i = 0; i < 200; i++) {
      await write(`size: ${i}`);
      await reload();
    }
    const text = await metrics();
    expect(samplesOf(text, 'promhttp_metric_handler_requests_total{code="200"}')).toEqual([
      'promhttp_metric_handler_requests_total{code="200"} 1',
    ]);
    expect((await get(`${url}-/healthy`)).status).toBe(200);
  });

  it.skipIf(!needPeers('promtool'))('has families that promtool accepts', async () => {
    const { metrics } = await running('size: 1');
    const text = await metrics();
    expect(text).toContain(`# TYPE ${successful} gauge`);
    expect(await promtoolCheckMetrics(text)).toMatchObject({ problems: [] });
  });
});

describe('without a config file', () => {
  it('SIGHUP ends nothing, POST /-/reload is forbidden unless it is enabled, and no families are added', async () => {
    const program = await startProgram([script, '--web.listen-address=127.0.0.1:0'], {
      until: /msg=listening address=(\S+)/,
    });
    onTestFinished(async () => void (await program.stop('SIGKILL')));
    const url = program.match[1]!;
    process.kill(program.pid, 'SIGHUP');
    await until('a reload', async () => /configuration reloaded/.test(program.output()) || undefined, 50_000);
    expect(await get(`${url}-/reload`, {}, 'POST')).toMatchObject({
      status: 403,
      text: 'not enabled; start with --web.enable-lifecycle\n',
    });
    expect((await get(`${url}metrics`)).text).not.toContain('config_last_reload');
  });
});

describe('status', () => {
  it('tells how the process and its collectors are, and no secrets', async () => {
    const { url, metrics, write, reload } = await running(
      'password: hunter2\ncollector: { leaky: true, greeting: false }',
    );
    const status = async () => JSON.parse((await get(`${url}-/status.json`)).text);
    expect(await status()).toMatchObject({
      exporter: 'shop_exporter',
      version: '1.2.3',
      ready: true,
      config: { lastReloadSuccessful: true },
      collectors: [
        { name: 'size', enabled: true, status: 'never run' },
        { name: 'leaky', enabled: true, status: 'never run' },
        { name: 'greeting', enabled: false },
        { name: 'slow', enabled: false },
        { name: 'stray', enabled: false },
      ],
    });
    await metrics();
    const after = await status();
    expect(after.collectors.slice(0, 2)).toEqual([
      expect.objectContaining({ name: 'size', status: 'ok', series: 4, durationSeconds: expect.any(Number) }),
      expect.objectContaining({ name: 'leaky', status: 'failed', error: 'EACCES', series: 0 }),
    ]);
    expect(Date.parse(after.collectors[0].lastRun)).toBeGreaterThan(Date.parse(after.started));
    expect(JSON.stringify(after)).not.toMatch(/hunter2|no access/);
    await write('nonsense');
    await reload();
    expect((await status()).config).toMatchObject({ lastReloadSuccessful: false });
    const { headers } = await get(`${url}-/status.json`);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });
});

describe('a graceful end', () => {
  it('turns readiness first, and goes on answering until the delay is over', async () => {
    const { program, url, says } = await running('web: { drain-delay: 1s }');
    expect((await get(`${url}-/ready`)).status).toBe(200);
    const began = performance.now();
    const ended = program.stop();
    await says(/draining: not ready, still answering until the delay is over/);
    expect(await get(`${url}-/ready`)).toMatchObject({ status: 503, text: 'draining\n' });
    expect((await get(`${url}metrics`)).status).toBe(200);
    expect((await ended).code).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  it('is cut short by a second signal', async () => {
    const { program, says } = await running('web: { drain-delay: 1h }');
    process.kill(program.pid, 'SIGTERM');
    await says(/draining: not ready/);
    expect((await program.stop()).code).toBe(143);
  });
});

describe('errors that nobody catches', () => {
  it('are logged with their stack, a few times, and the process goes on', async () => {
    const { program, metrics, says } = await running('collector: { stray: true }');
    for (let i = 0; i < 12; i++) expect(valueIn(await metrics(), 'shop_size')).toBe(1);
    await says(
      /origin=uncaughtException err="thrown into the void" stack="Error: thrown into the void\\n.* at .*" times=10\n/,
    );
    await says(/origin=unhandledRejection err="rejected into the void" .* times=10\n/);
    expect(program.output().match(/thrown into the void" stack/g)).toHaveLength(2);
    expect((await program.stop()).code).toBe(0);
  });

  it('end it with 1 when they come in a flood', async () => {
    const { program, url, says } = await running('collector: { stray: true }');
    const asking = Promise.allSettled(
      Array.from({ length: 200 }, async () => {
        for (;;) await get(`${url}metrics`);
      }),
    );
    await says(/msg="exiting: uncaught exception" .*within_a_minute=101/);
    expect((await program.exit).code).toBe(1);
    await asking;
  });
});
