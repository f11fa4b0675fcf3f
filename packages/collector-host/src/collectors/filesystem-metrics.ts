import { type Alert, above, below, gauge, info } from 'exporter-kit';

const perMount = (what: string, help: string, ...alert: readonly Alert[]) =>
  gauge({
    name: `node_filesystem_${what}`,
    help,
    labels: ['device', 'mountpoint', 'fstype', 'device_error'],
    ...(alert.length === 0 ? {} : { alert }),
  });

const size = perMount('size_bytes', 'Size of the file system.');
const files = perMount('files', 'File nodes the file system has room for.');

/** Families of file systems, with alerts on those that are almost full. */
export const fileSystemMetrics = {
  size,
  free: perMount('free_bytes', 'Free space, with what is reserved for root.'),
  avail: perMount(
    'avail_bytes',
    'Free space for everyone.',
    {
      name: 'FilesystemAlmostFull',
      when: below(0.1, { of: size }),
      for: '30m',
      summary: 'File system is almost full.',
    },
    {
      name: 'FilesystemFull',
      when: below(0.03, { of: size }),
      for: '15m',
      severity: 'critical',
      summary: 'File system is full but for a small rest.',
    },
  ),
  files,
  filesFree: perMount('files_free', 'File nodes that are free.', {
    name: 'FilesystemFewFileNodes',
    when: below(0.05, { of: files }),
    for: '30m',
    summary: 'File system has room for few more files.',
  }),
  readonly: perMount('readonly', '1 when it is mounted read-only.'),
  purgeable: perMount('purgeable_bytes', 'Space that could be freed at need; always 0 on Linux.'),
  deviceError: perMount('device_error', '1 if statfs failed or timed out, 0 if not.', {
    name: 'FilesystemUnreadable',
    when: above(0),
    for: '15m',
    summary: 'File system does not tell its size.',
  }),
  mount: info({
    name: 'node_filesystem_mount_info',
    help: 'Device number of the mounted file system.',
    labels: ['device', 'major', 'minor', 'mountpoint'],
  }),
};
