import { golden, type Scraped, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { expectMalformed, goldenFile, recorded, tree } from '../../test/fixtures.ts';
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
    statfs(paths: string | Buffer): Promise<FileSystemSize> {
      const path = String(paths);
      calls.push(path);
      return held.has(path) ? new Promise((resolve) => waiting.set(path, resolve)) : Promise.resolve(size);
    },
  };
}

const table = (...paths: string[]): { [file: string]: string } => ({
  '1/mounts': paths.map((path) => `dev${path} ${path} ext4 rw 0 0\n`).join(''),
});
/** What is said of each file system: '' for nothing, else what is wrong. */
const told = ({
  series,
}: Scraped): (readonly [path: string | undefined, reason: string | undefined, value: number])[] =>
  series('node_filesystem_device_error').map(({ labels, value }) => [labels.mountpoint, labels.device_error, value]);
const fine = (path: string) => [path, '', 0];
const timeout = (path: string) => [path, 'mountpoint timeout', 1];

it('reads what was recorded', async () => {
  const { statfs, calls } = mounts();
  const failing = (path: string | Buffer): Promise<FileSystemSize> =>
    path === '/home'
      ? Promise.reject(Object.assign(new Error('Unknown system error -116'), { errno: -116 }))
      : statfs(path);
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
  expect(value('node_filesystem_readonly', { device: 'a', mountpoint: '/', fstype: 'ext4', device_error: '' })).toBe(1);
});

it('leaves out what its settings say', async () => {
  const config = { mountPointsExclude: '^/(boot|srv)', fsTypesExclude: 'nfs' };
  const { series } = await scrape(filesystem({ ...recorded, statfs: mounts().statfs }), { config });
  const paths = series('node_filesystem_device_error').map((s) => `${s.labels.mountpoint} ${s.labels.fstype}`);
  expect(paths).toContain('/proc proc');
  expect(paths.filter((mount) => /^.(boot|srv)|nfs/.test(mount))).toEqual([]);
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
  expect(told(first)).toEqual([fine('/a'), timeout('/b'), fine('/c')]);
  expect(first.series('node_filesystem_size_bytes').map((s) => s.labels.mountpoint)).toEqual(['/a', '/c']);
  const second = await scrape(hung);
  expect(told(second)).toContainEqual(timeout('/b'));
  expect(calls).toEqual(['/a', '/b', '/c', '/a', '/c']);

  release('/b');
  await expect.poll(async () => told(await scrape(hung))).toContainEqual(fine('/b'));
});

it('loses no more than two threads', async () => {
  const { statfs, calls } = mounts('/a', '/b', '/c');
  const hung = filesystem({ procfs: await tree(table('/a', '/b', '/c', '/d')), statfs, mountTimeoutMs: 5 });
  expect(told(await scrape(hung))).toEqual(['/a', '/b', '/c', '/d'].map(timeout));
  await scrape(hung);
  expect(calls).toEqual(['/a', '/b']);
});

it('ends at the deadline while a file system hangs, without asking it again later', async () => {
  const { statfs, calls } = mounts('/a');
  const hung = filesystem({ procfs: await tree(table('/a', '/b')), statfs, mountTimeoutMs: 60_000 });
  await expect(scrape(hung, { timeoutMs: 400 })).rejects.toThrow('deadline');
  await expect(scrape(hung, { timeoutMs: 400 })).rejects.toThrow('deadline');
  expect(calls).toEqual(['/a']);
});

it.each([
  ['ro', 'rw', 1],
  ['rw', 'ro', 1],
  ['rw', 'rw,emergency_ro', 1],
  ['rw,errors=ro', 'rw,ro=no', 0],
])('takes %s, %s of a file system for read-only: %i', async (options, superOptions, readonly) => {
  const mountinfo = `25 1 254:7 / /srv ${options} shared:1 master:2 - ext4 /dev/vda ${superOptions}\n`;
  const { series } = await scrape(
    filesystem({ procfs: await tree({ '1/mountinfo': mountinfo }), statfs: mounts().statfs }),
  );
  expect(series('node_filesystem_readonly')[0]?.value).toBe(readonly);
  expect(series('node_filesystem_mount_info')[0]?.labels).toEqual({
    device: '/dev/vda',
    major: '254',
    minor: '7',
    mountpoint: '/srv',
  });
});

it('serves a mount point that is not UTF-8, and asks for it byte for byte', async () => {
  const latin1 = Buffer.from('/dev/loop0 /mnt2/cass\xe9\xe8 ext2 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n', 'latin1');
  const paths: string[] = [];
  const { series } = await scrape(
    filesystem({
      procfs: await tree({ '1/mounts': latin1 }),
      async statfs(path) {
        paths.push(Buffer.from(path).toString('latin1'));
        return size;
      },
    }),
  );
  expect(series('node_filesystem_size_bytes').map((s) => s.labels.mountpoint)).toEqual(['/mnt2/cass\uFFFD', '/']);
  expect(paths).toEqual(['/mnt2/cass\xe9\xe8', '/']);
});

it('keeps white space that the kernel leaves in a name, and a device without a name', async () => {
  const table = '/dev/sda1 /srv/caf\u00e9\u00a0noir ext4 rw 0 0\n /x tmpfs rw 0 0\n/dev/sda2 /a\\134b ext4 rw 0 0\n';
  const { series } = await scrape(filesystem({ procfs: await tree({ '1/mounts': table }), statfs: mounts().statfs }));
  expect(series('node_filesystem_size_bytes').map(({ labels }) => [labels.device, labels.mountpoint])).toEqual([
    ['/dev/sda1', '/srv/caf\u00e9\u00a0noir'],
    ['', '/x'],
    ['/dev/sda2', '/a\\b'],
  ]);
});

it('asks nothing for a scrape that is over', async () => {
  const { statfs, calls } = mounts('/a');
  const made = filesystem({ ...recorded, procfs: await tree(table('/a')), statfs });
  const none = /^$/;
  const over = {
    signal: AbortSignal.abort(new Error('over')),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    config: { mountPointsExclude: none, fsTypesExclude: none },
  };
  await expect(made.collect({}, over as never)).rejects.toThrow('over');
  expect(calls).toEqual([]);
});
