import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeArchive } from './archive.ts';
import { compare, readArchive } from './check-archive.ts';

const never = new AbortController().signal;
let folder: string;
let source: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-test-'));
  source = join(folder, 'source');
  target = join(folder, 'a.tar.gz');
  await mkdir(join(source, 'deep', 'empty'), { recursive: true });
  await writeFile(join(source, 'big.bin'), Buffer.alloc(3_000_001, 'exporter'));
  await writeFile(join(source, 'deep', 'héllo wörld.txt'), 'hello');
  await writeFile(join(source, 'deep', `${'long'.repeat(60)}.txt`), 'long');
  await writeFile(join(source, '@odd'), 'odd');
  await writeFile(join(source, 'nothing'), '');
  await symlink('nowhere', join(source, 'dangling'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('reads back what it wrote', async () => {
  const written = await writeArchive(source, target, never);
  expect(Object.fromEntries(written)).toEqual({
    './@odd': 3,
    './big.bin': 3_000_001,
    './deep/héllo wörld.txt': 5,
    [`./deep/${'long'.repeat(60)}.txt`]: 4,
    './nothing': 0,
  });
  const read = await readArchive(target, never);
  expect(new Map([...read].sort())).toEqual(new Map([...written].sort()));
  compare(written, read);
});

it("is what the system's tar unpacks to the same folder", async () => {
  await writeArchive(source, target, never);
  await mkdir(join(folder, 'out'));
  execFileSync('tar', ['-xzf', target, '-C', join(folder, 'out')], { stdio: 'ignore' });
  expect(execFileSync('diff', ['-r', '--no-dereference', source, join(folder, 'out')]).toString()).toBe('');
});

it('keeps a file with two names once', async () => {
  await link(join(source, 'big.bin'), join(source, 'same.bin'));
  const written = await writeArchive(source, target, never);
  expect([written.get('./big.bin'), written.get('./same.bin')].sort()).toEqual([0, 3_000_001]);
  compare(written, await readArchive(target, never));
});

it('packs an empty folder', async () => {
  await mkdir(join(folder, 'bare'));
  const written = await writeArchive(join(folder, 'bare'), target, never);
  expect(written.size).toBe(0);
  expect((await readArchive(target, never)).size).toBe(0);
});

it('reports problems with the folder', async () => {
  await expect(writeArchive(join(folder, 'gone'), target, never)).rejects.toThrow(
    /cannot archive .*gone: no such folder/,
  );
  await expect(writeArchive(join(source, '@odd'), target, never)).rejects.toThrow(/@odd: it is not a folder/);
});

it('never overwrites a file', async () => {
  await writeFile(target, 'precious');
  await expect(writeArchive(source, target, never)).rejects.toThrow('EEXIST');
  expect(await readFile(target, 'utf8')).toBe('precious');
});

it('stops when its signal aborts', async () => {
  const stop = new AbortController();
  const writing = writeArchive(source, target, stop.signal);
  stop.abort(new Error('the machine goes down'));
  await expect(writing).rejects.toThrow('the machine goes down');
});

it('finds every kind of damage', async () => {
  await writeArchive(source, target, never);
  const good = await readFile(target);
  for (const [what, bytes] of Object.entries({
    'a flipped bit in the middle': flip(good, good.length >> 1),
    'a flipped bit in the checksum': flip(good, good.length - 6),
    'a flipped bit in the length': flip(good, good.length - 2),
    'no end': good.subarray(0, good.length - 9),
    'half of it': good.subarray(0, good.length >> 1),
    'nothing at all': Buffer.alloc(0),
    'something else': Buffer.from('not an archive'),
  })) {
    await writeFile(target, bytes);
    await expect(readArchive(target, never), what).rejects.toThrow('the archive is damaged');
  }
});

it('finds a tar that was truncated before compression', async () => {
  const tar = join(folder, 'a.tar');
  execFileSync('tar', ['-cf', tar, '-C', source, '.']);
  await truncate(tar, 5000);
  execFileSync('gzip', [tar]);
  await expect(readArchive(`${tar}.gz`, never)).rejects.toThrow('the archive is damaged');
});

it('names the first difference', () => {
  const a = new Map([['./a', 1]]);
  expect(() => compare(a, new Map())).toThrow('the archive lacks ./a');
  expect(() => compare(a, new Map([['./a', 2]]))).toThrow('the archive has 2 bytes of ./a, not 1');
  expect(() => compare(new Map(), a)).toThrow('the archive has an unexpected file ./a');
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}
