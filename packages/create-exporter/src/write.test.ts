import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeFiles, writeProject } from './write.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = new Map([
  ['README.md', bytes('# a')],
  ['src/main.ts', bytes('main')],
  ['src/deep/er.ts', bytes('er')],
]);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'write-test-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A disk that is full after some files. */
const failingAfter = (count: number): typeof writeFiles => {
  return async (all, into) => {
    await writeFiles(new Map([...all].slice(0, count)), into);
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  };
};

it('writes everything, and nothing else', async () => {
  const parent = await folder();
  await writeProject(files, join(parent, 'app'));
  expect(await readdir(parent)).toEqual(['app']);
  expect((await readdir(join(parent, 'app'), { recursive: true })).sort()).toEqual(
    ['README.md', 'src', 'src/deep', 'src/deep/er.ts', 'src/main.ts'].sort(),
  );
  expect(await readFile(join(parent, 'app/src/deep/er.ts'), 'utf8')).toBe('er');
  // Not what mkdtemp gives.
  expect((await stat(join(parent, 'app'))).mode & 0o777).toBe(0o777 & ~process.umask());
});

it.each([0, 1, 2, 3])('leaves nothing behind when the disk is full after %i files', async (count) => {
  const parent = await folder();
  await writeFile(join(parent, 'other'), '');
  await expect(writeProject(files, join(parent, 'app'), failingAfter(count))).rejects.toThrow(/app can't be.*ENOSPC/);
  expect(await readdir(parent)).toEqual(['other']);
});

it('removes the folders it made on the way, and no others', async () => {
  const parent = await folder();
  await mkdir(join(parent, 'kept'));
  await expect(writeProject(files, join(parent, 'kept/a/b/app'), failingAfter(1))).rejects.toThrow(/ENOSPC/);
  expect(await readdir(parent, { recursive: true })).toEqual(['kept']);
});

it('overwrites nothing: no folder, no file, no link', async () => {
  const parent = await folder();
  await mkdir(join(parent, 'full'));
  await writeFile(join(parent, 'full/mine'), 'mine');
  await mkdir(join(parent, 'empty'));
  await writeFile(join(parent, 'file'), 'mine');
  await symlink('nowhere', join(parent, 'dangling'));
  const before = await readdir(parent, { recursive: true });
  for (const name of ['full', 'empty', 'file', 'dangling']) {
    await expect(writeProject(files, join(parent, name))).rejects.toThrow(`${name} exists; nothing is overwritten`);
  }
  expect(await readdir(parent, { recursive: true })).toEqual(before);
  await expect(writeProject(files, join(parent, 'file/app'))).rejects.toThrow(/file\/app can't be/);
});

it('lets one of two win', async () => {
  const parent = await folder();
  const target = join(parent, 'app');
  const slow: typeof writeFiles = async (all, into) => {
    await writeFiles(all, into);
    await writeProject(new Map([['first', bytes('first')]]), target);
  };
  await expect(writeProject(files, target, slow)).rejects.toThrow(/exists/);
  expect(await readdir(parent)).toEqual(['app']);
  expect(await readdir(target)).toEqual(['first']);
});

it('clears away what a killed run left, not what a running one is at', async () => {
  const parent = await folder();
  const dead = join(parent, '.scaffolding-2147483647-abcdef');
  const living = join(parent, `.scaffolding-${process.ppid}-abcdef`);
  await mkdir(join(dead, 'project/src'), { recursive: true });
  await mkdir(living);
  await writeProject(files, join(parent, 'app'));
  expect(existsSync(dead)).toBe(false);
  expect((await readdir(parent)).sort()).toEqual([`.scaffolding-${process.ppid}-abcdef`, 'app']);
});
