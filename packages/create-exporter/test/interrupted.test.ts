import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Disk, realDisk } from '../src/disk/disk.ts';
import { cli, emptyFolder, look } from './bed.ts';

// Projects that stand alone, and runs that do not come to their end.
const worker = fileURLToPath(new URL('./slow-run.js', import.meta.url));
const create = ['scrape-exporter', '--name=acme-queue', '--yes'];
const name = 'acme-queue-exporter';

/** The command in a process of its own, which stops at the n-th use of the disk; npm is ours, and the first one hangs. */
async function slowRun(cwd: string, stopAt: number, ...args: string[]): Promise<ChildProcess> {
  const bin = join(cwd, '..', 'bin');
  await mkdir(bin, { recursive: true });
  const npm = `#!/bin/sh
[ "$1" = install ] || exit 0
if [ -e "${bin}/hung" ]; then mkdir -p node_modules; echo {} > package-lock.json; exit 0; fi
touch "${bin}/hung"; echo half > package-lock.json; echo hanging > "${bin}/hanging"; exec sleep 60
`;
  await writeFile(join(bin, 'npm'), npm);
  await chmod(join(bin, 'npm'), 0o755);
  const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  delete env.npm_config_user_agent;
  return spawn(process.execPath, [worker, String(stopAt), ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  return { code, said };
}

/** Waits until npm hangs. */
async function hanging(cwd: string): Promise<void> {
  while (!existsSync(join(cwd, '../bin/hanging'))) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function home(): Promise<string> {
  const folder = join(await emptyFolder(), 'home');
  await mkdir(folder);
  return folder;
}

/** Fails at the n-th use of the disk. */
function failingAt(n: number): { disk: Disk; used: () => number } {
  let used = 0;
  const disk = Object.fromEntries(
    Object.entries(realDisk).map(([method, real]) => [
      method,
      async (...args: unknown[]) => {
        if (++used === n) throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC' });
        return (real as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Disk;
  return { disk, used: () => used };
}

it.each(['SIGINT', 'SIGTERM'] as const)('%s while it installs: the project is taken back', async (signal) => {
  const cwd = await home();
  const child = await slowRun(cwd, 0, ...create);
  const end = ended(child);
  await hanging(cwd);
  child.kill(signal);
  expect(await end).toEqual({ code: 130, said: expect.stringContaining('Cancelled; nothing was written.') });
  expect(await readdir(cwd)).toEqual([]);
});

it('killed while it installs: the same command brings it to its end', async () => {
  const cwd = await home();
  const child = await slowRun(cwd, 0, ...create);
  const end = ended(child);
  await hanging(cwd);
  child.kill('SIGKILL');
  await once(child, 'exit');
  child.stdout!.destroy();
  child.stderr!.destroy();
  await end;
  await writeFile(join(cwd, name, 'src/mine.ts'), 'written meanwhile');
  expect(await ended(await slowRun(cwd, 0, ...create))).toEqual({ code: 0, said: expect.stringMatching(/Wrote acme/) });
  expect(await readdir(cwd)).toEqual([name]);
  expect(await readFile(join(cwd, name, 'package-lock.json'), 'utf8')).toBe('{}\n');
  expect(await readFile(join(cwd, name, 'src/mine.ts'), 'utf8')).toBe('written meanwhile');
  expect(await ended(await slowRun(cwd, 0, ...create))).toEqual({
    code: 1,
    said: expect.stringMatching(/exists and is not empty/),
  });
});

/** Kills a command at some uses of the disk, looks, and runs it again. */
async function killedAt(
  stops: readonly number[],
  prepared: () => Promise<string>,
  args: readonly string[],
  whole: (cwd: string) => Promise<void>,
): Promise<void> {
  for (const stopAt of stops) {
    const cwd = await prepared();
    const child = await slowRun(cwd, stopAt, ...args, '--no-install');
    const [line] = await once(child.stdout!, 'data');
    if (String(line).startsWith('stopped')) child.kill('SIGKILL');
    await once(child, 'close');
    const again = await cli(cwd, ...args, '--no-install');
    // What was done may not be done twice.
    if (again.code !== 0) expect(again.err).toMatch(/exists|no project/);
    await whole(cwd);
  }
}

it('create killed wherever, and run again: whole, and nothing else', async () => {
  const fresh = await home();
  await cli(fresh, ...create, '--no-install');
  const wanted = await look(fresh);
  await killedAt([2, 4, 20, 47, 60, 61, 62, 63, 64], home, create, async (cwd) => {
    expect(await look(cwd)).toEqual(wanted);
    expect(await readdir(cwd)).toEqual([name]);
  });
});

it('rename killed wherever, and run again: whole, and nothing else', async () => {
  const [made, fresh] = [await home(), await home()];
  await cli(made, ...create, '--no-install');
  await writeFile(join(made, name, 'mine'), 'acme-queue');
  await cli(fresh, 'scrape-exporter', '--name=acme-broker', '--yes', '--no-install');
  const wanted = (await look(join(fresh, 'acme-broker-exporter'))) as Record<string, string>;
  const prepared = async (): Promise<string> => {
    const cwd = await home();
    await cp(join(made, name), join(cwd, name), { recursive: true });
    return cwd;
  };
  const args = ['rename', 'acme-queue', 'acme-broker', '--allow-dirty'];
  await killedAt([2, 5, 30, 60, 75, 80, 90, 100, 104, 106], prepared, args, async (cwd) => {
    const [folder, ...more] = await readdir(cwd);
    expect(more).toEqual([]);
    expect(await look(join(cwd, folder!))).toEqual({ ...wanted, mine: 'acme-broker' });
  });
});

it('ENOSPC wherever: create, add and rename leave everything as it was', async () => {
  const cwd = await home();
  for (const args of [
    create,
    ['add', 'collector', 'streams', '--to=acme-queue'],
    ['rename', 'acme-queue', 'acme-broker'],
  ]) {
    const flags = args === create ? ['--no-install'] : ['--no-install', '--allow-dirty'];
    const before = await look(cwd);
    // Each run of a command on a project merges it first.
    for (let n = 1; ; n += args === create ? 1 : 4) {
      const { disk, used } = failingAt(n);
      const said = await cli({ cwd, disk }, ...args, ...flags);
      const clearing = join(cwd, (await readdir(cwd)).find((entry) => entry.startsWith('acme')) ?? '', '.scaffolding');
      for (const stage of [clearing, join(cwd, '.scaffolding')]) await rm(stage, { recursive: true, force: true });
      if (said.code === 0) {
        expect(n).toBeGreaterThan(used() - 4);
        break;
      }
      expect(said).toMatchObject({ code: 1, err: expect.stringMatching(/nothing was changed: ENOSPC: injected/) });
      expect(await look(cwd)).toEqual(before);
    }
  }
}, 240_000);
