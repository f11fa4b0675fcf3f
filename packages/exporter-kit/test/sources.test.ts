import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needPeers, startProgram, startPrometheus, startVictoriaMetrics, startVmagent } from 'test-servers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { get, valueIn } from './get.ts';
import { lineServer } from './line-server.ts';

const script = fileURLToPath(new URL('./programs/lines.mjs', import.meta.url));

/** Starts the exporter of lines over a config file. */
async function running(text: string, args: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'run-sources-'));
  const write = (name: string, content: string): Promise<void> => writeFile(join(folder, name), content);
  await write('config.yml', text);
  await write('pw', 'first\n');
  const flags = [
    '--web.listen-address=127.0.0.1:0',
    '--web.enable-lifecycle',
    `--config.file=${join(folder, 'config.yml')}`,
  ];
  const program = await startProgram([script, ...flags, ...args], { until: /msg=listening address=(\S+)/ });
  onTestFinished(async () => {
    await program.stop('SIGKILL');
    await rm(folder, { recursive: true });
  });
  const url = program.match[1]!;
  const reload = async (): Promise<void> =>
    expect(await get(`${url}-/reload`, {}, 'POST')).toMatchObject({ status: 200 });
  return { program, url, write, reload, metrics: async (query = '') => (await get(`${url}metrics${query}`)).text };
}

describe('a reload', () => {
  it('closes fixed targets whose settings or secret files have changed, and keeps the others', async () => {
    const [a, b, c] = [await lineServer(), await lineServer(), await lineServer()];
    const text = `lines:\n  targets:\n    a: { addr: "${a.target}" }\n    b: { addr: "${b.target}", password-file: pw }\n`;
    const { program, metrics, write, reload } = await running(text);
    await metrics();
    await reload();
    await metrics();
    expect([a.seen.connections, b.seen.connections]).toEqual([1, 1]);

    await write('pw', 'second\n');
    await reload();
    const rotated = await metrics();
    expect([a, b].map(({ seen }) => seen.connections)).toEqual([1, 2]);
    expect(b.seen.lines.filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH first', 'AUTH second']);
    expect(valueIn(rotated, 'lines_up{server="b"}')).toBe(1);

    await write('config.yml', `lines:\n  targets:\n    a: { addr: "${a.target}" }\n    c: { addr: "${c.target}" }\n`);
    await reload();
    const replaced = await metrics();
    expect(valueIn(replaced, 'lines_up{server="c"}')).toBe(1);
    expect(replaced).not.toContain('server="b"');
    await vi.waitFor(() => expect([a, b, c].map(({ sockets }) => sockets.size)).toEqual([1, 0, 1]), 50_000);
    expect(program.output()).not.toMatch(/first|second/);

    await program.stop('SIGTERM');
    await vi.waitFor(() => expect([a, b, c].map(({ sockets }) => sockets.size)).toEqual([0, 0, 0]), 50_000);
  });

  it('closes probed targets of modules whose secret has changed, and keeps the others', async () => {
    const [a, b] = [await lineServer(), await lineServer()];
    const modules =
      'modules:\n  plain: { prober: lines }\n  corp: { prober: lines, targets: [127.0.0.1], lines: { password-file: pw } }\n';
    const { url, write, reload } = await running(`${modules}lines: { targets: {} }\n`, ['--probe.allow=127.0.0.0/8']);
    const probe = async (module: string, target: string): Promise<number | undefined> =>
      valueIn((await get(`${url}probe?module=${module}&target=${target}`)).text, 'probe_success');
    const both = async (): Promise<unknown> => [await probe('plain', a.target), await probe('corp', b.target)];
    expect(await both()).toEqual([1, 1]);
    await reload();
    expect(await both()).toEqual([1, 1]);
    expect([a, b].map(({ seen }) => seen.connections)).toEqual([1, 1]);
    await write('pw', 'second\n');
    await reload();
    expect(await both()).toEqual([1, 1]);
    expect([a, b].map(({ seen }) => seen.connections)).toEqual([1, 2]);
    expect(b.seen.lines.filter((line) => line.startsWith('AUTH'))).toEqual(['AUTH first', 'AUTH second']);
    await write('config.yml', 'lines: { targets: {} }\n');
    await reload();
    await vi.waitFor(() => expect([a, b].map(({ sockets }) => sockets.size)).toEqual([0, 0]), 50_000);
  });
});

/** Fixed targets and a module's, all of them one server. */
function manyTargets(target: string, fixed: number, probed: number): string {
  const names = Array.from({ length: fixed }, (_, i) => `    db-${i}: {}\n`);
  const port = target.replace(/.*:/, '');
  const hosts = Array.from({ length: probed }, (_, i) => `127.0.0.${i + 1}:${port}`);
  return `lines:\n  addr: "${target}"\n  targets:\n${names.join('')}modules:\n  corp:\n    prober: lines\n    targets: [${hosts.join(', ')}, "*.corp:1", 10.0.0.0/8]\n`;
}

type Group = { readonly targets: string[]; readonly labels: { readonly [label: string]: string } };

describe('/-/sd', () => {
  it('lists fixed targets and those that modules name, each with its parameters', async () => {
    const { url } = await running(manyTargets('127.0.0.1:1', 2, 1));
    const { status, headers, text } = await get(`${url}-/sd`);
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    const { host } = new URL(url);
    const fixed = { __metrics_path__: '/metrics', __meta_exporter_source: 'lines' };
    expect(JSON.parse(text)).toEqual([
      { targets: [host], labels: { ...fixed, __param_target: 'db-0', instance: 'db-0' } },
      { targets: [host], labels: { ...fixed, __param_target: 'db-1', instance: 'db-1' } },
      {
        targets: [host],
        labels: {
          __metrics_path__: '/probe',
          __param_target: '127.0.0.1:1',
          __param_module: 'corp',
          instance: '127.0.0.1:1',
          module: 'corp',
        },
      },
    ]);
  });

  it('names the only target of a source by the source', async () => {
    const { target } = await lineServer();
    const { url, metrics } = await running(`lines: { addr: "${target}" }\n`);
    const [one] = JSON.parse((await get(`${url}-/sd`)).text) as Group[];
    expect(one?.labels).toMatchObject({ __param_target: 'lines', instance: 'lines' });
    expect(valueIn(await metrics('?target=lines'), 'lines_up')).toBe(1);
  });

  it('is empty without targets', async () => {
    const { url } = await running('lines: { targets: {} }\n');
    expect((await get(`${url}-/sd`)).text).toBe('[]\n');
  });

  /** Two exporters with one configuration: 30 fixed targets and 10 of a module, all of them one server. */
  async function twoShards(): Promise<Awaited<ReturnType<typeof running>>[]> {
    const server = await lineServer();
    const text = manyTargets(server.target, 30, 10);
    return Promise.all(['1/2', '2/2'].map((shard) => running(text, [`--shard=${shard}`, '--probe.allow=127.0.0.0/8'])));
  }

  it('lists each target at one of two shards, which reads no others', async () => {
    const shards = await twoShards();
    const lists = await Promise.all(
      shards.map(async ({ url }) => JSON.parse((await get(`${url}-/sd`)).text) as Group[]),
    );
    const listed = lists.map((groups) => groups.map(({ labels }) => labels.instance!));
    expect(new Set(listed.flat()).size).toBe(40);
    expect(listed.flat()).toHaveLength(40);
    expect(Math.min(...listed.map(({ length }) => length))).toBeGreaterThan(5);
    for (const [i, { metrics }] of shards.entries()) {
      const fixed = listed[i]!.filter((name) => name.startsWith('db-'));
      expect((await metrics()).match(/^lines_up\{/gm)).toHaveLength(fixed.length);
    }
  });

  const whole = {
    'count(up{job="lines"} == 1)': 40,
    'count(count by (instance) (up{job="lines"}))': 40,
    'count(lines_up{server!=""} == 1)': 30,
    'max(count by (server) (lines_up{server!=""}))': 1,
    'count(probe_success{module="corp"})': 10,
    // The server listens on one of the ten addresses.
    'sum(probe_success{module="corp"})': 1,
  };
  const jobOf = (shards: readonly { readonly url: string }[]) => ({
    job_name: 'lines',
    http_sd_configs: shards.map(({ url }) => ({ url: `${url}-/sd` })),
  });

  it.skipIf(!needPeers('prometheus'))('lets a real Prometheus scrape every target once, from two shards', async () => {
    const prometheus = await startPrometheus({ scrapeConfigs: [jobOf(await twoShards())] });
    onTestFinished(() => prometheus.stop());
    for (const [query, value] of Object.entries(whole)) {
      const [found] = await prometheus.waitFor(query, ([first]) => first?.value === value, 60_000);
      expect([query, found.value]).toEqual([query, value]);
    }
  });

  it.skipIf(!needPeers('vmagent', 'victoria-metrics'))('lets a real vmagent do so', async () => {
    const victoria = await startVictoriaMetrics();
    onTestFinished(() => victoria.stop());
    const agent = await startVmagent([jobOf(await twoShards())], `${victoria.url}/api/v1/write`);
    onTestFinished(() => agent.stop());
    for (const [query, value] of Object.entries(whole)) {
      await vi.waitFor(
        async () => expect([query, (await victoria.query(query)).map((one) => one.value)]).toEqual([query, [value]]),
        { timeout: 50_000, interval: 500 },
      );
    }
  });
});

it.each(['0/2', '3/2', 'half'])('--shard=%s is refused', async (shard) => {
  await expect(running('', [`--shard=${shard}`])).rejects.toThrow(/is not a share; write 1\/2 for the first of two/);
});
