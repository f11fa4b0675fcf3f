import type { Collector } from 'exporter-kit';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netdev } from './netdev.ts';
import type { Paths } from './paths.ts';
import { stat } from './stat.ts';
import { textfile } from './textfile.ts';
import { time } from './time.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';

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
