import type { Collector } from 'exporter-kit';
import { cpu } from './collectors/cpu.ts';
import { diskstats } from './collectors/diskstats.ts';
import { filefd } from './collectors/filefd.ts';
import { filesystem } from './collectors/filesystem.ts';
import { loadavg } from './collectors/loadavg.ts';
import { meminfo } from './collectors/meminfo.ts';
import { netdev } from './collectors/netdev.ts';
import { stat } from './collectors/stat.ts';
import { textfile } from './collectors/textfile.ts';
import { time } from './collectors/time.ts';
import { uname } from './collectors/uname.ts';
import { vmstat } from './collectors/vmstat.ts';
import type { Paths } from './paths.ts';

/**
 * All collectors of this package.
 *
 * @example
 * exporter({ name: 'host_exporter', namespace: 'node', version, collectors: host({ procfs: '/host/proc' }) });
 */
export function host(options: Paths = {}): Collector[] {
  return [
    cpu(options),
    diskstats(options),
    filefd(options),
    filesystem(options),
    loadavg(options),
    meminfo(options),
    netdev(options),
    stat(options),
    time(options),
    uname(options),
    vmstat(options),
    // Last: should a file bring a family of the others, it is the file that gives way.
    textfile(),
  ];
}
