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
    async collect({ uname, skipped }, context) {
      const run = beside.begin(context);
      const word = async (file: string, otherwise: string): Promise<string> => {
        const content = await run.bytes(file, join(procfs, 'sys/kernel', file));
        return content === undefined ? otherwise : content.toString().replace(/\n$/, '');
      };
      uname.set({
        sysname: await word('ostype', type()),
        release: await word('osrelease', release()),
        version: await word('version', version()),
        // Linux before 6.1 has no such file.
        machine: await word('arch', machine()),
        nodename: await word('hostname', hostname()),
        domainname: await word('domainname', ''),
      });
      run.end(skipped);
    },
  });
}
