import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, startProgram } from 'test-servers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { names, packAll, pnpm, succeed } from './pack.ts';
import { type Registry, startRegistry } from './registry.ts';

// What somebody has who never saw this repository: a registry with the packages, an empty folder and an empty home.

let registry: Registry;
let packed: Awaited<ReturnType<typeof packAll>>;
beforeAll(async () => {
  [packed, registry] = await Promise.all([packAll(), startRegistry(names)]);
  for (const tarball of packed.tarballs.values()) await registry.publish(tarball);
});
afterAll(async () => {
  await registry?.stop();
  await packed?.remove();
});

const homes = new Map<string, Awaited<ReturnType<Registry['newHome']>>>();
const appOf = (manager: string): string => join(homes.get(manager)!.folder, 'work/acme-queue-exporter');

const hasPromtool = needPeers('promtool');

const managers = [
  {
    manager: 'npm',
    command: ['npm'],
    create: ['npm', 'create', 'exporter@latest', '--yes', '--'],
  },
  {
    manager: 'pnpm',
    command: pnpm,
    create: [...pnpm, 'create', 'exporter@latest'],
  },
];

it.each(managers)('$manager creates an exporter, which is installed, built and tested', async (each) => {
  const home = await registry.newHome();
  homes.set(each.manager, home);
  const work = join(home.folder, 'work');
  await mkdir(work);
  const { stdout } = await succeed([...each.create, 'scrape-exporter', '--name=acme-queue', '--yes'], work, home.env);
  expect(stdout).toMatch(/^Wrote acme-queue-exporter: \d+ files, port \d+\.$/m);
  const app = appOf(each.manager);
  expect(await readdir(app)).toEqual(expect.arrayContaining(['dist', 'node_modules']));
  await succeed([...each.command, 'test'], app, home.env);
});

it.each(managers)('by $manager: it boots, and promtool finds nothing in what it serves', async ({ manager }) => {
  const args = [join(appOf(manager), 'dist/main.js'), '--web.listen-address=127.0.0.1:0'];
  const exporter = await startProgram(args, { until: /address=(\S+)/ });
  const text = await (await fetch(new URL('/metrics', exporter.match[1]))).text();
  expect(text).toContain('acme_queue_items{state="ready"} 12\n');
  expect(lint(text)).toEqual([]);
  if (hasPromtool) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
  expect((await exporter.stop()).code).toBe(0);
});
