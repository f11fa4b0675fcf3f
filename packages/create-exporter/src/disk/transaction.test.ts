import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bytesOf, type Disk, realDisk } from './disk.ts';
import { type Changes, commit, recover } from './transaction.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function tree(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'transaction-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

/** Every file below a folder, with its text; folders end with `/`. */
async function look(root: string): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const shown = path.slice(root.length + 1);
    if (entry.isDirectory()) seen[`${shown}/`] = '';
    else seen[shown] = entry.isFile() ? await readFile(path, 'utf8') : 'link';
  }
  return seen;
}

/** Fails at the n-th use, and at each after it when it is broken for good. */
function failingAt(n: number, code: string, forGood = false): { disk: Disk; used: () => number } {
  let used = 0;
  const disk = Object.fromEntries(
    Object.entries(realDisk).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        used++;
        if (used === n || (forGood && used > n)) throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Disk;
  return { disk, used: () => used };
}

const before = { 'apps/a/edit': 'old', 'apps/a/gone': 'bye', 'apps/b/x': 'x', 'apps/b/deep/y': 'y', other: 'mine' };
const changes: Changes = {
  files: new Map([
    ['apps/a/edit', { before: bytes('old'), after: bytes('new') }],
    ['apps/a/gone', { before: bytes('bye') }],
    ['apps/a/src/added', { after: bytes('added') }],
    ['apps/a/src/more', { after: bytes('more') }],
    ['apps/c/src/main', { after: bytes('main') }],
    ['apps/c/README', { after: bytes('readme') }],
    ['fresh/one/two', { after: bytes('two') }],
  ]),
  folders: ['apps/b'],
};
const after = {
  'apps/': '',
  'apps/a/': '',
  'apps/a/edit': 'new',
  'apps/a/src/': '',
  'apps/a/src/added': 'added',
  'apps/a/src/more': 'more',
  'apps/c/': '',
  'apps/c/src/': '',
  'apps/c/src/main': 'main',
  'apps/c/README': 'readme',
  'fresh/': '',
  'fresh/one/': '',
  'fresh/one/two': 'two',
  other: 'mine',
};
const withoutStage = ({ '.scaffolding/': _, ...seen }: Record<string, string>) => seen;

it('makes all changes, keeps modes, and undoes them', async () => {
  const root = await tree(before);
  const original = await look(root);
  await chmod(join(root, 'apps/a/edit'), 0o755);
  const done = await commit(root, changes);
  await done.finish();
  expect(withoutStage(await look(root))).toEqual(after);
  expect((await stat(join(root, 'apps/a/edit'))).mode & 0o777).toBe(0o755);

  const second = await tree(before);
  await (await commit(second, changes)).undo();
  expect(withoutStage(await look(second))).toEqual(original);
});

it.each(['ENOSPC', 'EROFS', 'EACCES'])(
  'leaves the tree as it was whichever use of the disk fails with %s',
  async (code) => {
    const counted = failingAt(0, code);
    await commit(await tree(before), changes, counted.disk);
    expect(counted.used()).toBeGreaterThan(20);
    for (let n = 1; n <= counted.used(); n++) {
      const root = await tree(before);
      const original = await look(root);
      await expect(commit(root, changes, failingAt(n, code, n % 2 === 0).disk)).rejects.toThrow(
        new RegExp(`cannot be written to; nothing was changed: ${code}`),
      );
      expect(withoutStage(await look(root))).toEqual(original);
    }
  },
);

const text = (content?: Uint8Array): string | undefined => content && new TextDecoder().decode(content);

/** Runs until the n-th use of the disk. A killed process does nothing more: neither an error nor a way back. */
async function killed(n: number, task: (disk: Disk) => Promise<unknown>): Promise<void> {
  let used = 0;
  await new Promise<void>((stopped, failed) => {
    const disk = Object.fromEntries(
      Object.entries(realDisk).map(([name, method]) => [
        name,
        (...args: unknown[]) => {
          if (++used < n) return (method as (...args: unknown[]) => unknown)(...args);
          stopped();
          return new Promise<never>(() => {});
        },
      ]),
    ) as unknown as Disk;
    task(disk).then(() => stopped(), failed);
  });
}

it('is taken back by the next run when it was killed, wherever; twice in a row too', async () => {
  const counted = failingAt(0, '');
  await commit(await tree(before), changes, counted.disk);
  for (let n = 1; n <= counted.used(); n++) {
    const root = await tree(before);
    const original = await look(root);
    await killed(n, (disk) => commit(root, changes, disk));
    // Not even one file is seen half written.
    for (const [path, { before: old, after: fresh }] of changes.files) {
      const found = await bytesOf(join(root, path));
      if (found !== undefined) expect([old, fresh].map(text)).toContain(text(found));
    }
    // The next run is killed as well: while it takes back, or at the next attempt.
    for (const again of [1, 3, n]) {
      await killed(again, async (disk) => {
        await recover(root, disk);
        await commit(root, changes, disk);
      });
    }
    await recover(root);
    expect(withoutStage(await look(root))).toEqual(original);
    await recover(root);
    expect(withoutStage(await look(root))).toEqual(original);
  }
});

it('does not take back what was finished, and clears away', async () => {
  const root = await tree(before);
  await commit(root, changes);
  await recover(root);
  expect(withoutStage(await look(root))).toEqual(after);
  expect(await readdir(join(root, '.scaffolding'))).toEqual([]);
});

it.each<[what: string, files: [string, { before?: Uint8Array; after?: Uint8Array }][], message: RegExp]>([
  ['up and away', [['../x', { after: bytes('') }]], /not inside/],
  ['up and away, hidden', [['a/../../x', { after: bytes('') }]], /not inside/],
  ['absolute', [['/tmp/x', { after: bytes('') }]], /not inside/],
  ['through a link', [['linked/x', { after: bytes('') }]], /symbolic link/],
  ['deep through a link', [['linked/sub/x', { after: bytes('') }]], /symbolic link/],
  ['over a link', [['dangling', { after: bytes('') }]], /is a symbolic link/],
  ['below a file', [['other/x', { after: bytes('') }]], /not a folder/],
  ['over a file', [['other', { after: bytes('') }]], /other exists/],
  ['over a folder', [['apps', { after: bytes('') }]], /apps exists/],
  ['over an edit', [['other', { before: bytes('theirs'), after: bytes('') }]], /changed in the meantime/],
  ['over what is gone', [['none', { before: bytes('theirs'), after: bytes('') }]], /changed in the meantime/],
])('refuses to write %s', async (_, files, message) => {
  const root = await tree(before);
  const outside = await tree({ there: 'x' });
  await symlink(outside, join(root, 'linked'));
  await symlink('nowhere', join(root, 'dangling'));
  const [original, theirs] = [await look(root), await look(outside)];
  await expect(commit(root, { files: new Map(files) })).rejects.toThrow(message);
  expect(await look(root)).toEqual(original);
  expect(await look(outside)).toEqual(theirs);
});
