/** Host metrics under node_exporter's names, types and labels. */
export { cpu } from './cpu.ts';
export { diskstats } from './diskstats.ts';
export { filefd } from './filefd.ts';
export { type FileSystemSize, type FilesystemOptions, filesystem } from './filesystem.ts';
export { host } from './host.ts';
export { loadavg } from './loadavg.ts';
export { meminfo } from './meminfo.ts';
export { netdev } from './netdev.ts';
export { type Paths, paths } from './paths.ts';
export { stat } from './stat.ts';
export { textfile } from './textfile.ts';
export { type TimeOptions, time } from './time.ts';
export { uname } from './uname.ts';
export { vmstat } from './vmstat.ts';
