import { hostname, machine, release, type, version } from 'node:os';
import { join } from 'node:path';
import { type Collector, collector, info } from 'exporter-kit';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';

/** What `uname` says, read from `/proc/sys/kernel`; of what is not there, as Node has it. */
export function uname({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('uname');
  return collector({
    name: 'uname',
    metrics: {
      uname: info({
        name: 'node_uname_info',
        help: 'System information, as printed by uname.',
        labels: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
      }),
      skipped: beside.skipped,
    },
    collect({ uname, skipped }, context) {
      const run = beside.begin(context);
      const word = (file: string, otherwise: string): string => {
        const content = run.bytes(file, join(procfs, 'sys/kernel', file));
        return content === undefined ? otherwise : content.toString().replace(/\n$/, '');
      };
      uname.set({
        sysname: word('ostype', type()),
        release: word('osrelease', release()),
        version: word('version', version()),
        // Linux before 6.1 has no such file.
        machine: word('arch', machine()),
        nodename: word('hostname', hostname()),
        domainname: word('domainname', ''),
      });
      run.end(skipped);
    },
  });
}
