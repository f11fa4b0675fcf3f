import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOf, names, packAll, pnpm, succeed } from './pack.ts';
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

const versionIn = async (manifest: string): Promise<string> =>
  (JSON.parse(await readFile(manifest, 'utf8')) as { readonly version: string }).version;

/** Publishes all packages again, as the next minor version. */
async function publishNext(from: string): Promise<string> {
  const next = from.replace(/(\d+)\.\d+$/, (_, minor) => `${Number(minor) + 1}.0`);
  const { folder } = await registry.newHome();
  for (const name of names) {
    const [tarball, own] = [packed.tarballs.get(name)!, join(folder, name)];
    await mkdir(own);
    await succeed(['tar', 'xzf', tarball, '-C', own], folder);
    // The manifest, and the versions that the generator writes into projects.
    for (const file of ['package.json', 'dist/templates.json'].map((each) => join(own, 'package', each))) {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text !== undefined)
        await writeFile(file, text.replaceAll(`"${from}"`, `"${next}"`).replaceAll(`^${from}"`, `^${next}"`));
    }
    await registry.publish(join(own, 'package'));
  }
  return next;
}

const hasPromtool = needPeers('promtool');

const managers = [
  {
    manager: 'npm',
    command: ['npm'],
    create: ['npm', 'create', 'exporter@latest', '--yes', '--'],
    generator: ['npm', 'exec', '--yes', '--'],
  },
  {
    manager: 'pnpm',
    command: pnpm,
    create: [...pnpm, 'create', 'exporter@latest'],
    generator: [...pnpm, 'dlx'],
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

describe('when the next version is out', () => {
  let next: string;
  beforeAll(async () => {
    next = await publishNext(await versionIn(join(folderOf('exporter-kit'), 'package.json')));
  });

  it.each(managers)('upgrade by $manager moves to it, and keeps what was edited', async (each) => {
    const app = appOf(each.manager);
    const { env } = homes.get(each.manager)!;
    await appendFile(join(app, 'README.md'), '\nOurs.\n');
    const installed = join(app, 'node_modules/exporter-kit/package.json');
    expect(await versionIn(installed)).not.toBe(next);
    // By its version, as pnpm keeps for a day what it once ran as the latest.
    await succeed([...each.generator, `create-exporter@${next}`, 'upgrade', '--allow-dirty'], app, env);
    expect(await versionIn(installed)).toBe(next);
    expect(await readFile(join(app, 'README.md'), 'utf8')).toMatch(/\nOurs\.\n$/);
    await succeed([...each.command, 'test'], app, env);
  });
});
