import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version as esbuild } from 'esbuild';
import { lint, parseText } from 'exporter-kit/testing';
import { makeCertificates, needPeers, runProgram, startProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { packAll, succeed } from './pack.ts';

// What the page says, done to a scaffold from the packages as they are published; only the bundle is kept.

let folder: string;
let app: string;
/** Where nothing but the bundle is, and the sample that the scaffold reads. */
let alone: string;

const page = new URL('../../docs/pages/run/bundling.md', import.meta.url);

/** A program with what a bundler may lose: RE2, a thread, prom-client, live instruments, another package's collectors. */
const everything = `
import { host } from 'collector-host';
import { counter, exporter, live, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { fromRegistry } from 'exporter-kit/prom-client';
import { regexp } from 'exporter-kit/regexp';
import { inThread } from 'exporter-kit/thread';
import { Counter, Registry } from 'prom-client';
const register = new Registry();
new Counter({ name: 'old_total', help: 'Old.', registers: [register] }).inc(7);
const fresh = live({ name: 'fresh', metrics: { calls: counter({ name: 'fresh_calls_total', help: 'Calls.' }) } });
fresh.calls.inc(3);
const heavy = await inThread(new URL('./heavy.js', import.meta.url));
const config = z.object({ only: regexp('(?i)^a+$').describe('Only these.') });
await run(
  exporter({
    name: 'all_exporter', version: '1.0.0', config,
    collectors: ({ only }) => (only.test('AAA') ? [heavy, fresh.collector, fromRegistry(register), ...[host()].flat()] : []),
  }),
  { port: 19998 },
);
`;

const heavy = `
import { collector, gauge } from 'exporter-kit';
import { threadId } from 'node:worker_threads';
export default collector({
  name: 'heavy',
  metrics: { thread: gauge({ name: 'heavy_in_thread', help: 'Whether it runs in a thread.' }) },
  collect({ thread }) { thread.set(threadId > 0 ? 1 : 0); },
});
`;

const nightly = `
import { gauge, job, runJob } from 'exporter-kit';
const nightly = job({
  name: 'nightly', metrics: { done: gauge({ name: 'nightly_done', help: 'Done.' }) },
  run({ done }) { done.set(4); },
});
await runJob(nightly, { grouping: { instance: 'here' }, to: [] });
`;

/** An application that counts its requests, with a framework in CommonJS. */
const shop = `
import { once } from 'node:events';
import express from 'express';
import { exporter, serve } from 'exporter-kit';
import { httpServer } from 'exporter-kit/http';
const http = httpServer();
const app = express();
app.use(http.express());
app.get('/users/:id', (request, response) => void response.json({ id: request.params.id }));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const { url } = await serve(exporter({ name: 'shop_exporter', collectors: [http.collector] }), { address: '127.0.0.1:0' });
console.log('shop=http://127.0.0.1:' + server.address().port + ' address=' + url);
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundling-'));
  const packed = await packAll();
  try {
    const [kit, generator, collectors] = (['exporter-kit', 'create-exporter', 'collector-host'] as const).map(
      (name) => packed.tarballs.get(name)!,
    );
    const npm = ['npm', '--prefer-offline', '--no-audit', '--no-fund'];
    const args = ['scrape-exporter', '--name=acme-queue', '--yes', '--no-install', `--kit=file:${kit}`];
    await succeed([...npm, 'exec', '--yes', `--package=${generator}`, '--', 'create-exporter', ...args], folder);
    app = join(folder, 'acme-queue-exporter');
    const more = [`esbuild@${esbuild}`, 'prom-client@15', 'express@5', collectors!];
    await succeed([...npm, 'install', '--save-dev', ...more], app);
    await succeed([...npm, 'run', 'build'], app);
  } finally {
    await packed.remove();
  }
  await writeFile(join(app, 'src/all.ts'), everything);
  await writeFile(join(app, 'src/heavy.ts'), heavy);
  await writeFile(join(app, 'src/nightly.ts'), nightly);
  await writeFile(join(app, 'src/shop.ts'), shop);
  const [, script] = /^```js\n\/\/ bundle\.js\n(.*?)^```$/ms.exec(await readFile(page, 'utf8'))!;
  const entries = ['all', 'heavy', 'nightly', 'shop'].map((name) => `${name}: 'src/${name}.ts',`).join('\n');
  const whole = script!.replace("main: 'src/main.ts',", (main) => `${main}\n${entries}`);
  const small = whole.replace('bundle: true,', (bundle) => `${bundle} minify: true, splitting: true,`);
  await writeFile(join(app, 'bundle.js'), whole);
  await writeFile(join(app, 'small.js'), small.replaceAll("'bundle", "'small"));
  for (const each of ['bundle.js', 'small.js']) await succeed(['node', each], app);
  alone = await mkdtemp(join(tmpdir(), 'alone-'));
  for (const each of ['bundle', 'small', 'sample']) await cp(join(app, each), join(alone, each), { recursive: true });
});
afterAll(async () => {
  for (const each of [folder, alone]) if (each !== undefined) await rm(each, { recursive: true, force: true });
});

async function start(program: string, cwd: string, ...flags: string[]) {
  const args = [program, '--web.listen-address=127.0.0.1:0', ...flags];
  const exporter = await startProgram(args, { cwd, until: /address=(\S+)/ });
  onTestFinished(async () => void (await exporter.stop()));
  return exporter.match[1]!;
}

const get = async (base: string, path: string) => {
  const response = await fetch(new URL(path, base));
  return { status: response.status, text: await response.text() };
};

/** Names and labels of all series; without times and versions of Node, values would differ from run to run. */
const seriesOf = (text: string): string[] =>
  text
    .split('\n')
    // What Node has open at this moment is not the same twice.
    .filter((line) => !/^(#|nodejs_active_)/.test(line))
    .map((line) => line.replace(/ \S+$/, ''))
    .sort();

it('serves what the program serves without a bundle', async () => {
  const [whole, bundled] = await Promise.all([start('dist/main.js', app), start('bundle/main.js', alone)]);
  const [expected, found] = await Promise.all([get(whole, '/metrics'), get(bundled, '/metrics')]);
  expect(found.text).toContain('acme_queue_items{state="ready"} 12\n');
  expect(lint(found.text)).toEqual([]);
  expect(seriesOf(found.text)).toEqual(seriesOf(expected.text));
  const protobuf = await fetch(new URL('/metrics', bundled), {
    headers: { accept: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited' },
  });
  expect(protobuf.headers.get('content-type')).toContain('protobuf');
  const probed = await get(bundled, `/probe?target=${encodeURIComponent('file:sample/none.json')}`);
  expect(probed).toEqual(await get(whole, `/probe?target=${encodeURIComponent('file:sample/none.json')}`));
});

it('has the pages, their script and style', async () => {
  const url = await start('bundle/main.js', alone);
  const { status, text } = await get(url, '/');
  expect(status).toBe(200);
  const files = [...text.matchAll(/(?:src|href)="([^"]*-\/page\/[^"]+)"/g)].map(([, path]) => path!);
  expect(files.length).toBeGreaterThan(1);
  for (const path of files) expect((await get(url, path)).status, path).toBe(200);
  expect((await get(url, '/-/status.json')).status).toBe(200);
});

it.skipIf(!needPeers('openssl'))('serves TLS, with a password', async () => {
  const certificates = await makeCertificates();
  onTestFinished(certificates.remove);
  const { cert, key } = certificates.server;
  // "secret"
  const hash = '$2y$04$DDL.tIh4z2hlgS1b7r8BnOuXI2lwA6RlUXH89XXIT4LGn3DaNSVmm';
  const web = join(alone, 'web.yml');
  await writeFile(
    web,
    `tls_server_config: { cert_file: ${cert}, key_file: ${key} }\nbasic_auth_users: { someone: ${JSON.stringify(hash)} }\n`,
  );
  const url = await start('bundle/main.js', alone, `--web.config.file=${web}`);
  const statusWith = async (auth: string): Promise<number> => {
    const sent = request(new URL('/metrics', url), { auth, rejectUnauthorized: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode!;
  };
  expect(await statusWith('someone:wrong')).toBe(401);
  expect(await statusWith('someone:secret')).toBe(200);
});

it.each(['bundle', 'small'])('in %s, finds RE2, the thread, prom-client and other packages', async (bundle) => {
  const url = await start(`${bundle}/all.js`, alone, '--only=(?i)a{3}');
  const { text } = await get(url, '/metrics');
  expect(text).toContain('\nheavy_in_thread 1\n');
  expect(text).toContain('\nold_total 7\n');
  expect(text).toContain('\nfresh_calls_total 3\n');
  expect(text).toContain('\nnode_load1 ');
  expect((await get(url, '/')).status).toBe(200);
});

it('counts the requests of an application', async () => {
  const program = await startProgram(['bundle/shop.js'], { cwd: alone, until: /shop=(\S+) address=(\S+)/ });
  onTestFinished(async () => void (await program.stop()));
  const [, base, metrics] = program.match;
  expect(await get(base!, '/users/42')).toEqual({ status: 200, text: '{"id":"42"}' });
  expect((await get(metrics!, '/metrics')).text).toMatch(/_count\{[^}]*route="\/users\/:id"[^}]*\} 1\n/);
});

it('pushes, by Snappy too', async () => {
  const pushed: { path: string; encoding: string | undefined; bytes: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    pushed.push({ path: request.url!, encoding: request.headers['content-encoding'], bytes });
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = [`--push.gateway=${base}`, `--push.remote-write=${base}/api/v1/write`];
  const { code, stderr } = await runProgram(['bundle/nightly.js', ...flags], { cwd: alone });
  expect(code, stderr).toBe(0);
  const gateway = pushed.find(({ path }) => path.startsWith('/metrics/job/'))!;
  expect(parseText(gateway.bytes.toString()).map(({ name }) => name)).toContain('nightly_done');
  const written = pushed.find(({ path }) => path === '/api/v1/write')!;
  expect(written.encoding).toBe('snappy');
  expect(written.bytes.length).toBeGreaterThan(20);
});

it('says what a bundle lacks', async () => {
  const poor = await mkdtemp(join(tmpdir(), 'poor-'));
  onTestFinished(() => rm(poor, { recursive: true, force: true }));
  await cp(join(alone, 'bundle'), poor, { recursive: true });
  for (const name of ['page', 'thread-worker.js', ...(await readdir(poor)).filter((each) => each.endsWith('.node'))])
    await rm(join(poor, name), { recursive: true });
  const args = ['all.js', '--web.listen-address=127.0.0.1:0'];
  const exporter = await startProgram(args, { cwd: poor, until: /address=(\S+)/ });
  expect((await get(exporter.match[1]!, '/')).status).toBe(500);
  expect((await get(exporter.match[1]!, '/metrics')).text).toContain(
    'all_scrape_collector_success{collector="heavy"} 0\n',
  );
  const { stdout, stderr } = await exporter.stop();
  expect(stdout + stderr).toMatch(/the files of pages are not in .*poor-.*Bundling/);
  expect(stdout + stderr).toMatch(/there is no .*thread-worker\.js.*Bundling/);
});
