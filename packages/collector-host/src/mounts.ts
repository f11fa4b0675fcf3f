import { join } from 'node:path';
import type { SideRun } from './side.ts';
import { exactRows, malformed, type Row, read, text } from './source.ts';

/** Something mounted somewhere. */
export interface Mount {
  readonly labels: { readonly device: string; readonly mountpoint: string; readonly fstype: string };
  /** The mount point byte for byte, as `below` takes it. */
  readonly path: string;
  /** Its device number, where the table has it. */
  readonly major?: string;
  readonly minor?: string;
  readonly readOnly: boolean;
}

type Parse = (row: Row, rootfs: string) => Mount;

/**
 * What is mounted on the host. Of two lines for the same the last holds: it covers the other.
 *
 * @throws as `read` does, when there is no table at all.
 */
export function mountTable(run: SideRun, procfs: string, rootfs: string): Mount[] {
  const { lines, parse } = readTable(run, procfs);
  const found = new Map<string, Mount>();
  for (const mount of run.lines('mounts', lines, (row) => ({ ...parse(row, rootfs), key: row.at }))) {
    const key = JSON.stringify(mount.labels);
    run.attempt('mounts', mount.key, () => {
      const { path = mount.path } = found.get(key) ?? {};
      if (path !== mount.path)
        throw new Error(`${mount.key}: another mount point reads ${mount.labels.mountpoint}, too.`);
      found.set(key, mount);
    });
  }
  return [...found.values()];
}

/** The table of the host's first process: that of this one may be a container's. Other users' may be hidden (`hidepid`). */
function readTable(run: SideRun, procfs: string): { lines: Row[]; parse: Parse } {
  const tables = [
    ['1/mountinfo', ofMountinfo],
    ['1/mounts', ofMounts],
    ['self/mountinfo', ofMountinfo],
  ] as const;
  for (const [file, parse] of tables) {
    const content = run.bytes('mounts', join(procfs, file));
    if (content !== undefined && content.length > 0) return { lines: exactRows(content, join(procfs, file)), parse };
  }
  return { lines: exactRows(read(procfs, 'mounts'), join(procfs, 'mounts')), parse: ofMounts };
}

/** `25 1 254:0 / /srv rw,noatime shared:1 - ext4 /dev/vda rw`. Source: the kernel's `filesystems/proc.rst`. */
function ofMountinfo(row: Row, rootfs: string): Mount {
  const separator = row.fields.indexOf('-', 6);
  const [, , number, , mountpoint, options] = row.fields;
  const [fstype, device, superOptions = ''] = separator < 0 ? [] : row.fields.slice(separator + 1);
  const [, major, minor] = /^(\d+):(\d+)$/.exec(number ?? '') ?? [];
  if (mountpoint === undefined || options === undefined || fstype === undefined || device === undefined)
    throw malformed(row, 'mount point, options, "-", type and device');
  const mount = mountOf({ device, mountpoint, fstype, options: `${options},${superOptions}` }, rootfs);
  return major === undefined || minor === undefined ? mount : { ...mount, major, minor };
}

/** `/dev/vda /srv ext4 rw,noatime 0 0` */
function ofMounts(row: Row, rootfs: string): Mount {
  const [device, mountpoint, fstype, options] = row.fields;
  if (device === undefined || mountpoint === undefined || fstype === undefined || options === undefined)
    throw malformed(row, 'device, mount point, type and options');
  return mountOf({ device, mountpoint, fstype, options }, rootfs);
}

interface Fields {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly options: string;
}

function mountOf({ device, mountpoint, fstype, options }: Fields, rootfs: string): Mount {
  const path = withoutPrefix(plain(mountpoint), Buffer.from(rootfs).toString('latin1'));
  return {
    labels: { device: text(device), mountpoint: text(path), fstype: text(fstype) },
    path,
    readOnly: options.split(',').some((option) => option === 'ro' || option === 'emergency_ro'),
  };
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
