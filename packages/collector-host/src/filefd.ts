import { type Collector, collector, gauge } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { amount, readRow } from './source.ts';

/** File handles, from `/proc/sys/fs/file-nr`. */
export function filefd({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'filefd',
    metrics: {
      allocated: gauge({ name: 'node_filefd_allocated', help: 'File handles the kernel has allocated.' }),
      maximum: gauge({ name: 'node_filefd_maximum', help: 'File handles the kernel will allocate at most.' }),
    },
    async collect({ allocated, maximum }, { signal }) {
      const row = await readRow(procfs, 'sys/fs/file-nr', signal);
      allocated.set(amount(row, 0));
      // The second number has been 0 since Linux 2.6.
      maximum.set(amount(row, 2));
    },
  });
}
