import { golden, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { expectMalformed, goldenFile, recorded, tree } from '../test/fixtures.ts';
import { type FileSystemSize, filesystem } from './filesystem.ts';

const size: FileSystemSize = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 64, ffree: 32 };

/** Mounts of which some hang until released; the others answer at once. */
function mounts(...hanging: string[]) {
  const calls: string[] = [];
  const held = new Set(hanging);
  const waiting = new Map<string, (size: FileSystemSize) => void>();
  return {
    calls,
    release(path: string): void {
      held.delete(path);
      waiting.get(path)?.(size);
    },
    statfs(path: string): Promise<FileSystemSize> {
      calls.push(path);
      return held.has(path) ? new Promise((resolve) => waiting.set(path, resolve)) : Promise.resolve(size);
    },
  };
}

const table = (...paths: string[]): { [file: string]: string } => ({
  '1/mounts': paths.map((path) => `dev${path} ${path} ext4 rw 0 0\n`).join(''),
});
const error = (path: string) =>
  ['node_filesystem_device_error', { device: `dev${path}`, mountpoint: path, fstype: 'ext4' }] as const;

it('reads what was recorded', async () => {
  const { statfs, calls } = mounts();
  const failing = (path: string): Promise<FileSystemSize> =>
    path === '/home' ? Promise.reject(new Error('ESTALE: stale file handle')) : statfs(path);
  golden((await scrape(filesystem({ ...recorded, statfs: failing }))).text, goldenFile('filesystem'));
  expect(calls).toEqual(['/', '/boot', '/srv/my films', '/tmp']);
});

it('looks under the root it is given, and tells the paths of the host', async () => {
  const procfs = await tree({
    '1/mounts': 'a / ext4 rw 0 0\nb /data ext4 rw 0 0\nc /host/x ext4 rw 0 0\nd /host ext4 rw 0 0\n',
  });
  const { statfs, calls } = mounts();
  const { series } = await scrape(filesystem({ procfs, rootfs: '/host', statfs }));
  expect(calls).toEqual(['/host/', '/host/data', '/host/x', '/host/']);
  expect(series('node_filesystem_size_bytes').map((s) => s.labels.mountpoint)).toEqual(['/', '/data', '/x', '/']);
});

it('takes its own mounts where the first process is hidden', async () => {
  const procfs = await tree({ mounts: 'a / ext4 ro,noatime 0 0\n' });
  const { value } = await scrape(filesystem({ procfs, statfs: mounts().statfs }));
  expect(value('node_filesystem_readonly', { device: 'a', mountpoint: '/', fstype: 'ext4' })).toBe(1);
});

it('leaves out what its settings say', async () => {
  const config = { mountPointsExclude: '^/(boot|srv)', fsTypesExclude: 'nfs' };
  const { series } = await scrape(filesystem({ ...recorded, statfs: mounts().statfs }), { config });
  const asked = series('node_filesystem_device_error').map((s) => `${s.labels.mountpoint} ${s.labels.fstype}`);
  expect(asked).toContain('/proc proc');
  expect(asked.filter((mount) => /^.(boot|srv)|nfs/.test(mount))).toEqual([]);
});

it('is not here without a table of mounts', async () => {
  await expect(scrape(filesystem({ procfs: await tree({}) }))).rejects.toMatchObject({ name: 'Unsupported' });
});

it('names what it cannot read', () =>
  expectMalformed(filesystem, '1/mounts', 'a / ext4\n', '1: expected device, mount point, type and options'));

it('reports a file system that hangs, goes on with the others, and does not ask twice', async () => {
  const { statfs, calls, release } = mounts('/b');
  const hung = filesystem({ procfs: await tree(table('/a', '/b', '/c')), statfs, mountTimeoutMs: 20 });
  const first = await scrape(hung);
  expect(['/a', '/b', '/c'].map((path) => first.value(...error(path)))).toEqual([0, 1, 0]);
  expect(first.series('node_filesystem_size_bytes').map((s) => s.labels.mountpoint)).toEqual(['/a', '/c']);
  const second = await scrape(hung);
  expect(second.value(...error('/b'))).toBe(1);
  expect(calls).toEqual(['/a', '/b', '/c', '/a', '/c']);

  release('/b');
  await expect.poll(async () => (await scrape(hung)).value(...error('/b'))).toBe(0);
});

it('loses no more than two threads', async () => {
  const { statfs, calls } = mounts('/a', '/b', '/c');
  const hung = filesystem({ procfs: await tree(table('/a', '/b', '/c', '/d')), statfs, mountTimeoutMs: 5 });
  const { value } = await scrape(hung);
  expect(['/a', '/b', '/c', '/d'].map((path) => value(...error(path)))).toEqual([1, 1, 1, 1]);
  await scrape(hung);
  expect(calls).toEqual(['/a', '/b']);
});

it('ends at the deadline while a file system hangs, without asking it again later', async () => {
  const { statfs, calls } = mounts('/a');
  const hung = filesystem({ procfs: await tree(table('/a', '/b')), statfs, mountTimeoutMs: 60_000 });
  await expect(scrape(hung, { timeoutMs: 20 })).rejects.toThrow('deadline');
  await expect(scrape(hung, { timeoutMs: 20 })).rejects.toThrow('deadline');
  expect(calls).toEqual(['/a']);
});
