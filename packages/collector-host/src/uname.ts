import { machine } from 'node:os';
import { type Collector, collector, info } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { read, readIfThere } from './source.ts';

/** What `uname` says, read from `/proc/sys/kernel`. */
export function uname({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'uname',
    metrics: {
      uname: info({
        name: 'node_uname_info',
        help: 'The system, as uname describes it.',
        labels: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
      }),
    },
    async collect({ uname }, { signal }) {
      const word = async (file: string): Promise<string> =>
        (await read(procfs, `sys/kernel/${file}`, signal)).replace(/\n$/, '');
      uname.set({
        sysname: await word('ostype'),
        release: await word('osrelease'),
        version: await word('version'),
        // Linux has this file since 6.1.
        machine: (await readIfThere(procfs, 'sys/kernel/arch', signal))?.trim() ?? machine(),
        nodename: await word('hostname'),
        domainname: await word('domainname'),
      });
    },
  });
}
