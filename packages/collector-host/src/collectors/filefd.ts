import { above, type Collector, collector, gauge } from 'exporter-kit';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, readRow } from '../source.ts';

const maximum = gauge({ name: 'node_filefd_maximum', help: 'Maximum number of file handles.' });

/** File handles, from `/proc/sys/fs/file-nr`. */
export function filefd({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('filefd');
  return collector({
    name: 'filefd',
    metrics: {
      allocated: gauge({
        name: 'node_filefd_allocated',
        help: 'Allocated file handles.',
        alert: {
          name: 'FileHandlesAlmostUsedUp',
          when: above(0.8, { of: maximum }),
          for: '15m',
          summary: 'Kernel has few file handles left.',
        },
      }),
      maximum,
      skipped: beside.skipped,
    },
    collect({ allocated, maximum, skipped }, context) {
      const run = beside.begin(context);
      const row = readRow(procfs, 'sys/fs/file-nr');
      // The second number has been 0 since Linux 2.6.
      const columns = [
        { ...row, key: 'allocated', writer: allocated, column: 0 },
        { ...row, key: 'maximum', writer: maximum, column: 2 },
      ];
      const counts = run.lines('file-nr', columns, (one) => ({ ...one, count: amount(one, one.column) }));
      for (const { writer, count } of counts) writer.set(count);
      run.end(skipped);
    },
  });
}
