import { statfs } from 'node:fs/promises';
import { type Collector, collector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { mountTable } from '../mounts.ts';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { below, type Path } from '../source.ts';
import { fileSystemMetrics } from './filesystem-metrics.ts';

/** What Debian's node_exporter leaves out by default. */
const ignoredMounts = '^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)';
const ignoredTypes =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$';

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
  /** Returns the size of the file system at a path, which is a Buffer if not UTF-8; default Node's `statfs`. */
  readonly statfs?: (path: Path) => Promise<FileSystemSize>;
}

/**
 * Sizes of mounted file systems. One that does not answer (a dead NFS server) has `node_filesystem_device_error` 1, and is
 * not asked again before it has: the question holds a thread, and can't be taken back. They are asked one after another.
 */
export function filesystem(options: FilesystemOptions = {}): Collector {
  const { procfs = '/proc', rootfs = '/' } = options;
  const ask = asker(options.statfs ?? ((path) => statfs(path)), options.mountTimeoutMs ?? 2000);
  const beside = side('filesystem');
  return collector({
    name: 'filesystem',
    metrics: {
      ...fileSystemMetrics,
      skipped: beside.skipped,
    },
    config: z.object({
      mountPointsExclude: regexp(ignoredMounts).describe('Mount points to exclude.'),
      fsTypesExclude: regexp(ignoredTypes).describe('File system types to exclude.'),
    }),
    async collect(writers, context) {
      const { signal, log, config } = context;
      const run = beside.begin(context);
      for (const { labels, path, major, minor, readOnly } of mountTable(run, procfs, rootfs)) {
        const { device, mountpoint, fstype } = labels;
        if (config.mountPointsExclude.test(mountpoint) || config.fsTypesExclude.test(fstype)) continue;
        const size = await ask(below(rootfs, path), signal);
        const answer = { ...labels, device_error: size instanceof Error ? reasonOf(size) : '' };
        writers.deviceError.set(answer, size instanceof Error ? 1 : 0);
        writers.readonly.set(answer, readOnly ? 1 : 0);
        if (size instanceof Error) {
          log.debug({ mountpoint, err: size }, 'size of the file system is not available');
          continue;
        }
        writers.size.set(answer, size.blocks * size.bsize);
        writers.free.set(answer, size.bfree * size.bsize);
        writers.avail.set(answer, size.bavail * size.bsize);
        writers.files.set(answer, size.files);
        writers.filesFree.set(answer, size.ffree);
        writers.purgeable.set(answer, 0);
        if (major !== undefined && minor !== undefined) writers.mount.set({ device, major, minor, mountpoint });
      }
      run.end(writers.skipped);
    },
  });
}

/** The code of a file system that does not answer. */
const stuck = 'STUCK';
const isStuck = (message: string): Error => Object.assign(new Error(message), { code: stuck });

/** What statfs(2) may say, in the words of node_exporter. */
const reasons: { readonly [code: string]: string } = {
  EACCES: 'permission denied',
  EIO: 'input/output error',
  EINTR: 'interrupted system call',
  EHOSTDOWN: 'host is down',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOENT: 'no such file or directory',
  ENOSYS: 'function not implemented',
  ENOTCONN: 'transport endpoint is not connected',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
  ESTALE: 'stale NFS file handle',
  [stuck]: 'mountpoint timeout',
};

function reasonOf(error: NodeJS.ErrnoException): string {
  const { code, errno } = error;
  // Node has no name for this one.
  if (errno === -116) return reasons.ESTALE!;
  return code === undefined ? 'unknown error' : (reasons[code] ?? code);
}

type Ask = (path: Path, signal: AbortSignal) => Promise<FileSystemSize | Error>;

/** Asks for sizes, each for a limited time, and never a path that still owes its answer. */
function asker(statfs: (path: Path) => Promise<FileSystemSize>, timeoutMs: number): Ask {
  // Whether one is late is noted, not computed again: a timer may fire a little before its time.
  interface Owed {
    readonly answer: Promise<FileSystemSize | Error>;
    readonly until: number;
    late: boolean;
  }
  const owed = new Map<string, Owed>();
  return async (path, signal) => {
    signal.throwIfAborted();
    // Two paths that are not UTF-8 may read the same.
    const key = Buffer.from(path).toString('latin1');
    const now = performance.now();
    let known = owed.get(key);
    if (known === undefined) {
      const hanging = [...owed.values()].filter(({ late }) => late).length;
      if (hanging >= mostStuck) return isStuck(`${path} is not asked while ${hanging} file systems don't answer.`);
      const answer = statfs(path)
        .catch((error: Error) => error)
        .finally(() => owed.delete(key));
      known = { answer, until: now + timeoutMs, late: false };
      owed.set(key, known);
    }
    const pending = known;
    const { answer, until } = pending;
    const tooLate = (): Error =>
      isStuck(`${path} did not answer within ${timeoutMs} ms; it will not be asked again before it does.`);
    if (pending.late) return tooLate();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        pending.late = true;
        end();
        resolve(tooLate());
      }, until - now);
      signal.addEventListener('abort', abort);
      void answer.then((size) => {
        end();
        resolve(size);
      });
    });
  };
}
