import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lint } from 'exporter-kit/testing';
import { type Exit, REGISTRY_DATE, runProgram, startProgram } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { pnpmOf } from '../src/workspace/install.ts';
import { asNobody, imageOf } from './deploy/image.ts';

// `npm create exporter` where there is no repository: both packages packed, and installed into an empty folder.
const packages = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let pnpm: string[];
let kit: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outside-'));
  pnpm = await pnpmOf(join(packages, '..'));
  for (const name of ['exporter-kit', 'create-exporter']) {
    const asReleased = { pnpm_config_pnpmfile: join(packages, 'release/packed.js') };
    await run([...pnpm, 'pack', '--pack-destination', folder], join(packages, name), asReleased);
  }
  const tarballs = await readdir(folder);
  const tarball = (name: string): string => join(folder, tarballs.find((file) => file.startsWith(name))!);
  [kit, program] = [tarball('exporter-kit'), tarball('create-exporter')];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run([command, ...args]: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Exit> {
  const outside = {
    npm_config_package: undefined,
    npm_config_call: undefined,
    npm_config_user_agent: undefined,
    npm_config_before: REGISTRY_DATE,
    ...env,
  };
  const exit = await runProgram(args, { command: command!, cwd, env: outside, timeoutMs: 300_000 });
  if (exit.code !== 0) throw new Error(`${command} ${args.join(' ')}: ${exit.code}\n${exit.stdout}${exit.stderr}`);
  return exit;
}

/** Runs a command with loopback as its only network. All that it starts ends with it: npm's shell passes no signal on. */
const offline = [
  ...['unshare', '-rn', '--pid', '--fork', '--kill-child'],
  ...['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'],
] as const;
const canBeOffline = spawnSync(offline[0]!, [...offline.slice(1), 'true']).status === 0;

describe.each([
  [
    'npm',
    () => ['npm', 'exec', '--yes', '--prefer-offline', `--package=${program}`, '--', 'create-exporter'],
    'package-lock.json',
  ],
  ['pnpm', () => [...pnpm, '--prefer-offline', `--package=${program}`, 'dlx', 'create-exporter'], 'pnpm-lock.yaml'],
] as const)('%s', { timeout: 400_000 }, (manager, creator, lockfile) => {
  const home = (): string => join(folder, manager);
  const app = (): string => join(home(), 'acme-queue-exporter');

  it('creates an exporter that stands alone: installed, built and tested', async () => {
    await mkdir(home());
    const args = ['scrape-exporter', '--name=acme-queue', '--yes', `--kit=file:${kit}`];
    const { stdout } = await run([...creator(), ...args], home());
    expect(stdout).toMatch(/^Wrote acme-queue-exporter: \d+ files, port 19100\.\nNext:\n {2}cd acme-queue-exporter\n/m);
    expect(await readdir(home())).toEqual(['acme-queue-exporter']);
    const files = await readdir(app());
    expect(files).toEqual(expect.arrayContaining([lockfile, '.gitignore', 'tsconfig.json', 'dist', 'node_modules']));
    expect(files).toEqual(expect.arrayContaining(['.github', 'renovate.json']));
    const manifest = await readFile(join(app(), 'package.json'), 'utf8');
    expect(manifest).not.toMatch(/workspace:|catalog:/);
    expect(await readFile(join(app(), 'README.md'), 'utf8')).not.toContain('apps/');
  });

  it('which boots and is scraped', async () => {
    const args = [join(app(), 'dist/main.js'), '--web.listen-address=127.0.0.1:0'];
    const exporter = await startProgram(args, { until: /address=(\S+)/ });
    const text = await (await fetch(new URL('/metrics', exporter.match[1]))).text();
    expect(text).toContain('acme_queue_items{state="ready"} 12\n');
    expect(lint(text)).toEqual([]);
    expect((await exporter.stop()).code).toBe(0);
  });

  it.skipIf(!canBeOffline)('which needs no network to start, nor for its tests', async () => {
    const [command, ...args] = [...offline, ...(manager === 'npm' ? ['npm'] : pnpm)] as const;
    // A package manager that asks its registry waits longer than this for an answer.
    const options = { command, cwd: app(), timeoutMs: 45_000 };
    const { code, stdout, stderr } = await runProgram([...args, 'test'], options);
    expect(code, stdout + stderr).toBe(0);
    const env = { ACME_QUEUE_EXPORTER_WEB_LISTEN_ADDRESS: '127.0.0.1:0' };
    const exporter = await startProgram([...args, 'start'], { ...options, env, until: /address=/ });
    await exporter.stop('SIGKILL');
  });

  it('has an image that runs', async () => {
    // npm finds the tarball of the kit where package.json says; in an image, that is beside it, too.
    const paths = ['package.json', lockfile].map((name) => join(app(), name));
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    onTestFinished(async () => {
      for (const [i, path] of paths.entries()) await writeFile(path, texts[i]!);
    });
    for (const [i, path] of paths.entries()) {
      if (manager === 'npm') await writeFile(path, texts[i]!.replaceAll(`file:${kit}`, `file:../../${basename(kit)}`));
    }
    const image = await imageOf(join(app(), 'Dockerfile'), app(), [kit]);
    onTestFinished(image.remove);
    expect((await readdir(image.folder)).sort()).toEqual([
      ...['README.md', 'dist', 'node_modules', 'package.json', 'sample', 'sbom.json'],
    ]);
    const { components } = JSON.parse(await readFile(join(image.folder, 'sbom.json'), 'utf8'));
    const listed = components.map(({ name }: { name: string }) => name);
    // Tools of development need yaml too.
    expect(listed).toEqual(expect.arrayContaining(['exporter-kit', 'yaml', 'zod']));
    expect(listed).not.toContain('vitest');
    const modules = await readdir(join(image.folder, 'node_modules'));
    expect(modules).toContain('exporter-kit');
    expect(modules).not.toContain('vitest');
    const [command, args] = asNobody(image.entrypoint);
    const { code, stdout } = await runProgram([...args, '--once'], { command, cwd: image.folder });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('acme_queue_items{state="ready"} 12\n'),
    });
  });

  it('and grows, and is up to date', async () => {
    const command = manager === 'npm' ? ['npm'] : pnpm;
    const added = await run([...creator(), 'add', 'collector', 'streams', '--allow-dirty'], app());
    expect(added.stdout).toContain('npm run views');
    await run([...command, 'run', 'views'], app());
    await run([...command, 'test'], app());
    const { stdout } = await run([...creator(), 'upgrade', '--check'], app());
    expect(stdout).toContain('acme-queue-exporter is up to date.');
    expect((await run([...creator(), 'doctor', '--json'], home()).catch((error) => error)).message).toMatch(
      /streams_items/,
    );
  });
});
