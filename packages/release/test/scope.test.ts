import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { names, packAll, run, succeed } from './pack.ts';
import { type Registry, startRegistry } from './registry.ts';

// The packages under a scope, which is one setting: `config.scope` of the root's package.json.

let registry: Registry;
beforeAll(async () => {
  const [packed, started] = await Promise.all([packAll('@team'), startRegistry(names.map((name) => `@team/${name}`))]);
  registry = started;
  for (const tarball of packed.tarballs.values()) await registry.publish(tarball, '--access=public');
  await packed.remove();
});
afterAll(() => registry?.stop());

it('are created from, installed, tested, added to, booted and upgraded like without', async () => {
  const { folder, env } = await registry.newHome();
  const work = join(folder, 'work');
  await mkdir(work);
  const create = ['npm', 'create', '@team/exporter@latest', '--yes', '--', 'scrape-exporter', '--name=acme-queue'];
  await succeed([...create, '--yes', '--no-verify'], work, env);
  const app = join(work, 'acme-queue-exporter');
  const manifest = async () => JSON.parse(await readFile(join(app, 'package.json'), 'utf8'));
  expect(Object.keys((await manifest()).dependencies)).toEqual(['@team/exporter-kit', 'zod']);
  expect(await readFile(join(app, 'src/main.ts'), 'utf8')).toContain("from '@team/exporter-kit';\n");

  await succeed(['npm', 'install', '@team/collector-host'], app, env);
  const generator = ['npm', 'exec', '--yes', '--', '@team/create-exporter'];
  await succeed([...generator, 'add', 'collector', '@team/collector-host', '--allow-dirty'], app, env);
  await succeed([...generator, 'add', 'collector', 'streams', '--allow-dirty'], app, env);
  await succeed(['npm', 'run', 'views'], app, env);
  await succeed(['npm', 'test'], app, env);
  const { stdout } = await succeed([...generator, 'upgrade', '--check'], app, env);
  expect(stdout).toContain('acme-queue-exporter is up to date.');
  const { stdout: help } = await succeed([...generator, '--help'], app, env);
  expect(help).toContain('Usage: npx @team/create-exporter ');

  const args = ['dist/main.js', '--web.listen-address=127.0.0.1:0'];
  const exporter = await startProgram(args, { cwd: app, until: /address=(\S+)/ });
  onTestFinished(async () => void (await exporter.stop()));
  const text = await (await fetch(new URL('/metrics', exporter.match[1]))).text();
  expect(text).toContain('acme_queue_items{state="ready"} 12\n');
  expect(text).toContain('\nnode_load1 ');
});

const application = `import { createServer } from 'node:http';
import { Counter, register } from 'prom-client';
const orders = new Counter({ name: 'orders_total', help: 'Orders.' });
orders.inc();
createServer(async (request, response) => {
  response.setHeader('Content-Type', register.contentType);
  response.end(await register.metrics());
}).listen(8080);
`;

it('a migration imports them by their names', async () => {
  const { folder, env } = await registry.newHome();
  await writeFile(join(folder, 'package.json'), '{ "name": "shop", "type": "module" }');
  await writeFile(join(folder, 'main.js'), application);
  const migrate = ['npm', 'exec', '--yes', '--', '@team/create-exporter', 'migrate', 'prom-client', '--dry-run'];
  const { code, stdout, stderr } = await run(migrate, folder, env);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("from '@team/exporter-kit/live'");
  expect(stdout).toContain('"@team/exporter-kit": "^');
});
