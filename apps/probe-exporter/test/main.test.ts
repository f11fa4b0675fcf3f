import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseText } from 'exporter-kit/exposition';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, runProgram, startProgram } from 'test-servers';
import { expect, it, onTestFinished } from 'vitest';
import { httpSite } from './targets.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const quiet = ['--web.listen-address=127.0.0.1:0'];

async function start(...flags: string[]): Promise<(path: string) => Promise<{ status: number; text: string }>> {
  const program = await startProgram([main, ...quiet, ...flags], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  return async (path) => {
    const answer = await fetch(new URL(path, program.match[1]));
    return { status: answer.status, text: await answer.text() };
  };
}

async function configFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'probe-exporter-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'blackbox.yml');
  await writeFile(file, text);
  return file;
}

it('probes allowed targets, and rejects other targets and unknown modules', async () => {
  const site = await httpSite();
  onTestFinished(() => site.close());
  const target = `http://${site.address}/`;
  const guarded = await start();
  expect(await guarded(`/probe?module=http_2xx&target=${target}`)).toEqual({
    status: 403,
    text: 'the target is refused: it is a loopback address, which no rule allows\n',
  });
  expect(await guarded(`/probe?module=icmp&target=${target}`)).toEqual({
    status: 400,
    text: 'this module is unknown; known: http_2xx, http_post_2xx, tcp_connect, tls_connect, ssh_banner\n',
  });
  const allowed = await start('--probe.allow=127.0.0.0/8');
  const { status, text } = await allowed(`/probe?module=http_2xx&target=${target}`);
  expect(status).toBe(200);
  expect(text).toMatch(/^probe_success 1$/m);
  if (needPeers('promtool')) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
  expect(lint(text)).toEqual([]);
  const own = parseText((await allowed('/metrics')).text);
  expect(own.filter(({ name }) => name.startsWith('probe_') && !name.startsWith('probe_exporter_'))).toEqual(
    own.filter(({ name }) => /^probe_(up|scrape_collector_)/.test(name)),
  );
  expect((await allowed('/-/probes?format=json')).text).toContain(site.address);
});

it('reloads modules on SIGHUP, keeps the last good ones, and lists recent probes', async () => {
  const site = await httpSite();
  onTestFinished(() => site.close());
  const file = await configFile('modules: {before: {prober: http}}\n');
  const flags = [`--config.file=${file}`, '--probe.allow=127.0.0.0/8'];
  const program = await startProgram([main, ...quiet, ...flags], { until: /address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  const ask = async (path: string): Promise<Response> => fetch(new URL(path, program.match[1]));
  const probe = async (module: string): Promise<number> =>
    (await ask(`/probe?module=${module}&target=${site.address}`)).status;
  expect([await probe('before'), await probe('after')]).toEqual([200, 400]);

  await writeFile(file, 'modules: {after: {prober: http}}\n');
  process.kill(program.pid, 'SIGHUP');
  await expect.poll(() => probe('after')).toBe(200);
  expect(await probe('before')).toBe(400);
  const { probes } = (await (await ask('/-/probes?format=json')).json()) as { probes: { module: string }[] };
  expect(probes.map(({ module }) => module)).toEqual(['after', 'before']);

  await writeFile(file, 'modules: {broken: {prober: icmp}}\n');
  process.kill(program.pid, 'SIGHUP');
  await expect.poll(() => program.output()).toContain('modules.broken.prober');
  expect(await probe('after')).toBe(200);
});

it('reads modules from a file, and reports its errors', async () => {
  const good = await configFile(
    'modules:\n  web:\n    prober: http\n    timeout: 5s\n    http:\n      basic_auth: {username: me, password: hunter2}\n',
  );
  const ask = await start(`--config.file=${good}`, '--probe.allow=127.0.0.0/8');
  const site = await httpSite();
  onTestFinished(() => site.close());
  const debug = await ask(`/probe?debug=true&target=${site.address}`);
  expect(debug.text).toMatch(/^Probe by module web: ok/);
  expect(debug.text).not.toContain('hunter2');

  const bad = await configFile(
    'modules:\n  web:\n    prober: http\n    http:\n      methd: GET\n  ping:\n    prober: icmp\n',
  );
  const { code, stderr } = await runProgram([main, '--config.check', `--config.file=${bad}`]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/blackbox\.yml:5: modules\.web\.http\.methd is unknown; did you mean method\?/);
  expect(stderr).toMatch(/blackbox\.yml:7: modules\.ping\.prober: "icmp" is unknown; known: http, tcp, dns\./);

  const rules = await runProgram([main, ...quiet, '--probe.deny=10.0.0.0/33']);
  expect(rules.code).not.toBe(0);
  expect(rules.stderr).toMatch(/probe\.deny: the rule "10\.0\.0\.0\/33" has no such prefix; write 0 to 32\./);
});

it.skipIf(process.platform === 'win32')('needs few open files', async () => {
  const script = 'ulimit -n 96 && exec "$0" "$@"';
  const args = ['-c', script, process.execPath, main, '--config.check'];
  expect(await runProgram(args, { command: 'sh' })).toMatchObject({ code: 0, stderr: '' });
});
