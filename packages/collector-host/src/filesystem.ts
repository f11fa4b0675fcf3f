import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Collector, collector, gauge } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import type { Paths } from './paths.ts';
import { malformed, type Row, readIfThere, readRows, rows } from './source.ts';

/** What Debian's node_exporter leaves out by default. */
const ignoredMounts = '^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)';
const ignoredTypes =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$';

/** Half of the threads Node has for files: no more may be lost to file systems that hang. */
const mostStuck = 2;

/** What `statfs` tells, in blocks and in file nodes. */
export interface FileSystemSize {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** {@link Paths}, and how the file systems are asked. */
export interface FilesystemOptions extends Paths {
  /** How long a file system may take before it counts as stuck; default 2000. */
  readonly mountTimeoutMs?: number;
  /** Asks for the size of the file system at a path; default Node's `statfs`. */
  readonly statfs?: (path: string) => Promise<FileSystemSize>;
}

/**
 * Sizes of mounted file systems. One that does not answer (a dead NFS server) has `node_filesystem_device_error` 1, and is
 * not asked again before it has: the question holds a thread, and can't be taken back. They are asked one after another.
 */
export function filesystem(options: FilesystemOptions = {}): Collector {
  const { procfs = '/proc', rootfs = '/' } = options;
  const ask = asker(options.statfs ?? ((path) => statfs(path)), options.mountTimeoutMs ?? 2000);
  return collector({
    name: 'filesystem',
    metrics: {
      size: perMount('size_bytes', 'Size of the file system.'),
      free: perMount('free_bytes', 'Free space, with what is reserved for root.'),
      avail: perMount('avail_bytes', 'Free space for everyone.'),
      files: perMount('files', 'File nodes the file system has room for.'),
      filesFree: perMount('files_free', 'File nodes that are free.'),
      readonly: perMount('readonly', '1 when it is mounted read-only.'),
      deviceError: perMount('device_error', '1 when it could not be asked, or did not answer in time.'),
    },
    config: z.object({
      mountPointsExclude: regexp(ignoredMounts).describe('Mount points to leave out.'),
      fsTypesExclude: regexp(ignoredTypes).describe('Types of file system to leave out.'),
    }),
    async collect(writers, { signal, log, config }) {
      for (const { labels, readOnly } of mounts(await mountTable(procfs, signal), rootfs)) {
        const { mountpoint, fstype } = labels;
        if (config.mountPointsExclude.test(mountpoint) || config.fsTypesExclude.test(fstype)) continue;
        const size = await ask(join(rootfs, mountpoint), signal);
        writers.deviceError.set(labels, size instanceof Error ? 1 : 0);
        if (size instanceof Error) {
          log.debug({ mountpoint, err: size }, 'no size of this file system');
          continue;
        }
        writers.size.set(labels, size.blocks * size.bsize);
        writers.free.set(labels, size.bfree * size.bsize);
        writers.avail.set(labels, size.bavail * size.bsize);
        writers.files.set(labels, size.files);
        writers.filesFree.set(labels, size.ffree);
        writers.readonly.set(labels, readOnly ? 1 : 0);
      }
    },
  });
}

const perMount = (what: string, help: string) =>
  gauge({ name: `node_filesystem_${what}`, help, labels: ['device', 'mountpoint', 'fstype'] });

type Ask = (path: string, signal: AbortSignal) => Promise<FileSystemSize | Error>;

/** Asks for sizes, each for a limited time, and never a path that still owes its answer. */
function asker(statfs: (path: string) => Promise<FileSystemSize>, timeoutMs: number): Ask {
  const owed = new Map<string, { readonly answer: Promise<FileSystemSize | Error>; readonly until: number }>();
  return async (path, signal) => {
    const now = performance.now();
    let asked = owed.get(path);
    if (asked === undefined) {
      const stuck = [...owed.values()].filter(({ until }) => until <= now).length;
      if (stuck >= mostStuck) return new Error(`${path} is not asked while ${stuck} file systems don't answer.`);
      const answer = statfs(path)
        .catch((error: Error) => error)
        .finally(() => owed.delete(path));
      asked = { answer, until: now + timeoutMs };
      owed.set(path, asked);
    }
    const late = new Error(`${path} did not answer within ${timeoutMs} ms; it will not be asked again before it does.`);
    if (asked.until <= now) return late;
    const answered = new AbortController();
    const either = AbortSignal.any([signal, answered.signal]);
    try {
      return await Promise.race([asked.answer, setTimeout(asked.until - now, late, { signal: either })]);
    } finally {
      answered.abort();
    }
  };
}

/** The mounts of the host's first process: those of this one may be a container's. */
async function mountTable(procfs: string, signal: AbortSignal): Promise<Row[]> {
  const text = await readIfThere(procfs, '1/mounts', signal).catch(() => undefined);
  // Other users' processes may be hidden (`hidepid`).
  return text === undefined ? readRows(procfs, 'mounts', signal) : rows(text, join(procfs, '1/mounts'));
}

interface Mount {
  readonly labels: { readonly device: string; readonly mountpoint: string; readonly fstype: string };
  readonly readOnly: boolean;
}

/** What is mounted where. Of two lines for the same the last holds: it covers the other. */
function mounts(table: readonly Row[], rootfs: string): Mount[] {
  const found = new Map<string, Mount>();
  for (const row of table) {
    const [device, escaped, fstype, options] = row.fields;
    if (device === undefined || escaped === undefined || fstype === undefined || options === undefined) {
      throw malformed(row, 'device, mount point, type and options');
    }
    const mountpoint = withoutPrefix(plain(escaped), rootfs);
    const labels = { device, mountpoint, fstype };
    found.set(JSON.stringify(labels), { labels, readOnly: options.split(',').includes('ro') });
  }
  return [...found.values()];
}

/** fstab(5): white space and backslashes are written in octal. */
const plain = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The mount point as the host sees it, where its root is mounted somewhere in here. */
function withoutPrefix(mountpoint: string, rootfs: string): string {
  const prefix = rootfs.replace(/\/+$/, '');
  if (prefix === '' || !`${mountpoint}/`.startsWith(`${prefix}/`)) return mountpoint;
  return mountpoint.slice(prefix.length) || '/';
}
