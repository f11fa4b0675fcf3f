import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { lint } from 'exporter-kit/testing';
import { needPeers, promtoolCheckMetrics, type RunOptions, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderOf, names, packAll, pnpm, run, succeed } from './pack.ts';
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

/** A program for Plug'n'Play, which has no files of packages but in archives. */
const plain = {
  'main.js': `
import { exporter, run } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { inThread } from 'exporter-kit/thread';
const heavy = await inThread(new URL('./heavy.js', import.meta.url));
const config = z.object({ only: regexp('(?i)^a+$').describe('Only these.') });
const collectors = ({ only }) => (only.test('AAA') ? [heavy] : []);
await run(exporter({ name: 'all_exporter', version: '1.0.0', config, collectors }), { port: 19998 });
`,
  'heavy.js': `
import { threadId } from 'node:worker_threads';
import { collector, gauge } from 'exporter-kit';
export default collector({
  name: 'heavy',
  metrics: { thread: gauge({ name: 'heavy_in_thread', help: 'Whether it runs in a thread.' }) },
  collect: ({ thread }) => thread.set(threadId > 0 ? 1 : 0),
});
`,
  // "secret"
  'web.yml': 'basic_auth_users: { someone: "$2y$04$7Q4hO5VE6kXmSGzXPFhErO2H.cw6awE7deImkBwcsCemRisdZTUJS" }',
};

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
  {
    manager: 'yarn',
    command: ['yarn'],
    create: ['yarn', 'create', 'exporter@latest'],
    generator: ['yarn', 'dlx'],
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

/** Boots an exporter, scrapes it, and looks at what it serves. */
async function servesWell(program: readonly string[], options: RunOptions = {}): Promise<void> {
  const args = [...program, '--web.listen-address=127.0.0.1:0'];
  const exporter = await startProgram(args, { ...options, until: /address=(\S+)/ });
  const text = await (await fetch(new URL('/metrics', exporter.match[1]))).text();
  expect(text).toContain('acme_queue_items{state="ready"} 12\n');
  expect(lint(text)).toEqual([]);
  if (hasPromtool) expect(promtoolCheckMetrics(text)).toEqual({ code: 0, problems: [] });
  expect((await exporter.stop()).code).toBe(0);
}

it.each(managers)('by $manager: it boots, and promtool finds nothing in what it serves', ({ manager }) =>
  servesWell([join(appOf(manager), 'dist/main.js')]),
);

// Workspaces of other package managers: `test/members.test.ts` of create-exporter.
describe("in somebody's workspace of pnpm", () => {
  const manager = 'pnpm';
  const lockfile = 'pnpm-lock.yaml';

  it('a project made by npm create is a member, installed from its lockfile, moves and goes', async () => {
    // Where it was before, so that not all is fetched again.
    const { folder, env } = homes.get(manager)!;
    const [root, bin] = [join(folder, 'mono'), join(folder, 'bin')];
    await mkdir(join(root, 'apps'), { recursive: true });
    await writeFile(join(root, 'package.json'), '{ "private": true }');
    await writeFile(join(root, 'pnpm-workspace.yaml'), 'packages: [apps/*]\n');
    // As it would be on PATH.
    await mkdir(bin);
    await writeFile(join(bin, 'pnpm'), `#!/bin/sh\nexec ${pnpm.join(' ')} "$@"\n`, { mode: 0o755 });
    const own = { ...env, PATH: `${bin}${delimiter}${env.PATH}` };
    const apps = join(root, 'apps');
    const create = ['npm', 'create', 'exporter@latest', '--yes', '--', 'scrape-exporter', '--name=acme-queue'];
    const { stdout } = await succeed([...create, '--yes', '--no-verify'], apps, own);
    expect(stdout).toContain('acme-queue-exporter is a member of the workspace of ');
    const locked = async () => (await readFile(join(root, lockfile), 'utf8')).match(/apps\/acme-\w+/g) ?? [];
    expect(new Set(await locked())).toEqual(new Set(['apps/acme-queue']));
    expect(await readdir(join(apps, 'acme-queue-exporter'))).not.toContain(lockfile);

    const generator = ['npm', 'exec', '--yes', '--', 'create-exporter'];
    await succeed([...generator, 'rename', 'acme-queue-exporter', 'acme-broker', '--allow-dirty'], apps, own);
    expect(new Set(await locked())).toEqual(new Set(['apps/acme-broker']));
    await succeed([...generator, 'remove', 'acme-broker-exporter', '--allow-dirty'], apps, own);
    expect(await locked()).toEqual([]);
    expect(await readdir(apps)).toEqual([]);
  });
});

describe("yarn's Plug'n'Play", () => {
  const pnp = JSON.stringify({ nodeLinker: 'pnp' });

  it('is refused by name for a new project, as TypeScript 7 does not know it', async () => {
    const { folder, env } = homes.get('yarn')!;
    const work = join(folder, 'pnp');
    await mkdir(work);
    await writeFile(join(work, '.yarnrc.yml'), pnp);
    const create = ['yarn', 'create', 'exporter@latest', 'scrape-exporter', '--name=acme-queue', '--yes'];
    const { code, stderr } = await run(create, work, env);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `yarn installs with Plug'n'Play here (nodeLinker: ${join(work, '.yarnrc.yml')}), where TypeScript 7 can't find packages.`,
    );
    expect(await readdir(work)).toEqual(['.yarnrc.yml']);
    // What the message says: TypeScript 6.
    await succeed([...create, '--no-install'], work, env);
    const app = join(work, 'acme-queue-exporter');
    await writeFile(join(app, 'yarn.lock'), '');
    await succeed(['yarn', 'add', '--dev', 'typescript@^6.0.3'], app, env);
    for (const script of ['build', 'test']) await succeed(['yarn', 'run', script], app, env);
    expect(await readdir(app)).toContain('.pnp.cjs');
    await servesWell(['node', 'dist/main.js'], { command: 'yarn', cwd: app, env });
  });

  it('runs the kit: its pages, threads, native parts and RE2', async () => {
    const { folder, env } = homes.get('yarn')!;
    const app = join(folder, 'app');
    await mkdir(app);
    await writeFile(join(app, '.yarnrc.yml'), pnp);
    await writeFile(join(app, 'yarn.lock'), '');
    await writeFile(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
    await succeed(['yarn', 'add', 'exporter-kit', 'zod'], app, env);
    for (const [name, text] of Object.entries(plain)) await writeFile(join(app, name), text);
    const flags = ['--web.listen-address=127.0.0.1:0', '--web.config.file=web.yml', '--only=(?i)a{3}'];
    const options = { command: 'yarn', cwd: app, env, until: /address=(\S+)/ };
    const exporter = await startProgram(['node', 'main.js', ...flags], options);
    const authorization = `Basic ${Buffer.from('someone:secret').toString('base64')}`;
    const ask = (path: string) => fetch(new URL(path, exporter.match[1]), { headers: { authorization } });
    expect(await (await ask('/metrics')).text()).toContain('\nheavy_in_thread 1\n');
    for (const path of ['/', '/-/page/script.js']) expect((await ask(path)).status).toBe(200);
    await exporter.stop();
  });
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

  it("under Plug'n'Play too", async () => {
    const { folder, env } = homes.get('yarn')!;
    const app = join(folder, 'pnp/acme-queue-exporter');
    await appendFile(join(app, 'README.md'), '\nOurs.\n');
    await succeed(['yarn', 'dlx', `create-exporter@${next}`, 'upgrade', '--allow-dirty'], app, env);
    expect(await readFile(join(app, 'yarn.lock'), 'utf8')).toContain(`"exporter-kit@npm:^${next}"`);
    expect(await readFile(join(app, 'README.md'), 'utf8')).toMatch(/\nOurs\.\n$/);
    for (const script of ['build', 'test']) await succeed(['yarn', 'run', script], app, env);
  });
});
