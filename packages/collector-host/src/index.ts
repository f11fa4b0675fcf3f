/// <reference types="node" preserve="true" />
/** Host metrics under node_exporter's names, types and labels. */
export { cpu } from './collectors/cpu.ts';
export { diskstats } from './collectors/diskstats.ts';
export { filefd } from './collectors/filefd.ts';
export { type FileSystemSize, type FilesystemOptions, filesystem } from './collectors/filesystem.ts';
export { loadavg } from './collectors/loadavg.ts';
export { meminfo } from './collectors/meminfo.ts';
export { netdev } from './collectors/netdev.ts';
export { stat } from './collectors/stat.ts';
export { textfile } from './collectors/textfile.ts';
export { type TimeOptions, time } from './collectors/time.ts';
export { uname } from './collectors/uname.ts';
export { vmstat } from './collectors/vmstat.ts';
export { host } from './host.ts';
export { type Paths, paths } from './paths.ts';
