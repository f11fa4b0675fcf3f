import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { type Disk, realDisk } from '../src/disk/disk.ts';
import { cli, commitAll, emptyFolder, look, workspace } from './bed.ts';

const worker = fileURLToPath(new URL('./slow-run.js', import.meta.url));

/** The command in a process of its own, which stops at the n-th use of the disk, to be killed there. */
function slowRun(cwd: string, stopAt: number, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [worker, String(stopAt), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

const create = ['scrape-exporter', '--name=acme-queue', '--yes', '--no-install'];

function failingAt(n: number, code: string): { disk: Disk; used: () => number } {
  let used = 0;
  const disk = Object.fromEntries(
    Object.entries(realDisk).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        if (++used === n) throw Object.assign(new Error(`${code}: injected`), { code });
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Disk;
  return { disk, used: () => used };
}

it.each(['EACCES', 'EROFS', 'ENOSPC'])(
  '%s at each use of the disk: exit 1, and the tree is as before',
  async (code) => {
    const root = await workspace();
    const before = await look(root);
    const counted = failingAt(0, code);
    expect((await cli({ cwd: await workspace(), disk: counted.disk }, ...create)).code).toBe(0);
    const total = counted.used();
    expect(total).toBeGreaterThan(25);
    for (let n = 1; n <= total; n++) {
      const said = await cli({ cwd: root, disk: failingAt(n, code).disk }, ...create);
      // Once the project is there, what is left is to clear away.
      if (said.code === 0) {
        expect(n).toBeGreaterThan(total - 4);
        expect(existsSync(join(root, 'apps/acme-queue-exporter/src/main.ts'))).toBe(true);
        await rm(join(root, 'apps/acme-queue-exporter'), { recursive: true });
      } else
        expect(said).toMatchObject({ code: 1, err: expect.stringMatching(`nothing was changed: ${code}: injected`) });
      await rm(join(root, '.scaffolding'), { recursive: true, force: true });
      expect(await look(root)).toEqual(before);
    }
  },
);

it('killed midway, twice in a row, wherever: whole or absent, and the next run goes through', async () => {
  for (const [first, second] of [
    [3, 6],
    [12, 5],
    [25, 28],
    [30, 30],
    [31, 2],
  ]) {
    const root = await workspace();
    for (const stopAt of [first!, second!]) {
      const child = slowRun(root, stopAt, ...create);
      const [line] = await once(child.stdout!, 'data');
      if (String(line).startsWith('stopped')) child.kill('SIGKILL');
      await once(child, 'exit');
      const there = existsSync(join(root, 'apps/acme-queue-exporter'));
      if (there) expect(await readdir(join(root, 'apps/acme-queue-exporter'))).toContain('.exporter.json');
    }
    const said = await cli(root, 'scrape-exporter', '--name=next', '--yes', '--no-install');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(await readdir(join(root, '.scaffolding')).catch(() => 'gone')).toBe('gone');
    const made = await readdir(join(root, 'apps'));
    expect(made.filter((name) => name !== 'acme-queue-exporter')).toEqual(['next-exporter']);
  }
});

it('several at once get a port each, and one of two with one name wins', async () => {
  const root = await workspace();
  const names = ['a', 'b', 'c', 'd', 'd'];
  const said = await Promise.all(
    names.map((name) => cli(root, 'scrape-exporter', `--name=${name}`, '--yes', '--no-install')),
  );
  expect(said.map(({ code }) => code).sort()).toEqual([0, 0, 0, 0, 1]);
  const ports = await Promise.all(
    ['a', 'b', 'c', 'd'].map(
      async (name) => JSON.parse(await readFile(join(root, `apps/${name}-exporter/.exporter.json`), 'utf8')).port,
    ),
  );
  expect(ports.sort()).toEqual([19100, 19101, 19102, 19103]);
  expect(existsSync(join(root, '.scaffolding'))).toBe(false);
});

it('two processes at once get a port each', async () => {
  const root = await workspace();
  const children = ['a', 'b'].map((name) =>
    slowRun(root, 0, 'scrape-exporter', `--name=${name}`, '--yes', '--no-install'),
  );
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(ends.map(([code]) => code)).toEqual([0, 0]);
  const read = async (name: string) =>
    JSON.parse(await readFile(join(root, `apps/${name}-exporter/.exporter.json`), 'utf8')).port;
  expect([await read('a'), await read('b')].sort()).toEqual([19100, 19101]);
});

it('does not leave through a link, whichever folder is one', async () => {
  const root = await workspace();
  const outside = await emptyFolder();
  await rm(join(root, 'apps'), { recursive: true });
  await symlink(outside, join(root, 'apps'));
  expect(await cli(root, ...create)).toMatchObject({ code: 1, err: expect.stringMatching(/apps is a symbolic link/) });
  await rm(join(root, 'apps'));
  await mkdir(join(root, 'apps'));
  await symlink(outside, join(root, 'apps/acme-queue-exporter'));
  expect((await cli(root, ...create)).err).toMatch(/acme-queue-exporter exists/);
  expect(await readdir(outside)).toEqual([]);
});

it('upgrades no file through a link', async () => {
  const root = await workspace();
  await cli(root, ...create);
  const outside = await emptyFolder();
  await writeFile(join(outside, 'README.md'), 'not ours');
  await rm(join(root, 'apps/acme-queue-exporter/README.md'));
  await symlink(join(outside, 'README.md'), join(root, 'apps/acme-queue-exporter/README.md'));
  await writeFile(join(root, 'templates/scrape-exporter/README.md'), '# Acme Widget, otherwise\n');
  commitAll(root);
  await cli(root, 'upgrade', 'acme-queue', '--no-install');
  expect(await readFile(join(outside, 'README.md'), 'utf8')).toBe('not ours');
});

it.each<[what: string, input: string, args: string, code: number, message: RegExp]>([
  ['not JSON', '{', '--answers=-', 64, /standard input cannot be read/],
  ['a list', '[]', '--answers=-', 64, /is not a JSON object/],
  ['an unknown key', '{"colour":"red"}', '--answers=-', 64, /colour: is not an answer/],
  ['a bad name', '{"template":"push-job","name":"../x"}', '--answers=- --yes', 64, /--name: "..\/x" is not kebab-case/],
  ['no such file', '', '--answers=none.json', 64, /none\.json cannot be read: ENOENT/],
  ['a bad owner', '', 'push-job --name=a --owner=" --yes', 64, /--owner: .* is not a valid owner/],
  ['an unknown way', '', 'push-job --name=a --deploy=ship --yes', 64, /--deploy: "ship" is not one of its deployments/],
])('%s', async (_, input, args, code, message) => {
  const root = await workspace();
  const before = await look(root);
  const said = await cli({ cwd: root, input }, ...args.split(' '));
  expect(said).toMatchObject({ code, out: '', err: expect.stringMatching(message) });
  expect(await look(root)).toEqual(before);
});

it('takes answers from a file or the standard input, and flags go first', async () => {
  const root = await workspace();
  const answers = {
    template: 'scrape-exporter',
    name: 'from-file',
    title: 'From',
    owner: 'ops',
    port: 19500,
    deploy: 'none',
  };
  await writeFile(join(root, 'answers.json'), JSON.stringify({ ...answers, deploy: 'all' }));
  expect((await cli(root, '--answers=answers.json', '--no-install')).out).toMatch(
    /from-file-exporter: \d+ files, port 19500/,
  );
  const input = await readFile(join(root, 'apps/from-file-exporter/.exporter.json'), 'utf8');
  const said = await cli({ cwd: root, input }, '--answers=-', '--name=again', '--port=19501', '--no-install', '--json');
  expect(JSON.parse(said.out)).toMatchObject({ ok: true, project: 'apps/again-exporter', port: 19501 });
});

it('answers machines in JSON, mistakes included', async () => {
  const root = await workspace();
  const said = await cli(root, 'push-job', '--json');
  expect(said.code).toBe(64);
  expect(JSON.parse(said.out)).toEqual({ ok: false, exitCode: 64, error: expect.stringMatching(/--name/) });
  const dry = JSON.parse((await cli(root, 'push-job', '--name=a', '--yes', '--dry-run', '--json')).out);
  expect(dry).toMatchObject({ ok: true, dryRun: true, diff: expect.stringContaining('+++ b/apps/a-job/src/a.ts') });
});

it('its dry run is a patch that git applies', async () => {
  const root = await workspace();
  const { out } = await cli(root, 'push-job', '--name=a', '--yes', '--dry-run');
  const elsewhere = await emptyFolder();
  await writeFile(join(elsewhere, 'dry.patch'), out.slice(0, out.lastIndexOf('\nWould write')));
  const git = spawn('git', ['apply', 'dry.patch'], { cwd: elsewhere, stdio: 'inherit' });
  expect((await once(git, 'exit'))[0]).toBe(0);
  await cli(root, 'push-job', '--name=a', '--yes', '--no-install');
  const { '.exporter-base.patch': _, ...made } = await look(join(root, 'apps/a-job'));
  expect(await look(join(elsewhere, 'apps/a-job'))).toEqual(made);
});
