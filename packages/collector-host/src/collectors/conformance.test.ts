import type { Collector } from 'exporter-kit';
import { collectorConformance } from 'exporter-kit/testing';
import { describe, it } from 'vitest';
import { recorded, tree } from '../../test/fixtures.ts';
import type { Paths } from '../paths.ts';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filefd } from './filefd.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netdev } from './netdev.ts';
import { stat } from './stat.ts';
import { vmstat } from './vmstat.ts';

// What others ask of a shared collector, over the recorded trees; the file that each can't do without is garbage for once.
const cases: readonly [name: string, make: (paths: Paths) => Collector, file: string, garbage: string][] = [
  ['cpu', cpu, 'stat', 'cpu0 x'],
  ['diskstats', diskstats, 'diskstats', 'x'],
  ['filefd', filefd, 'sys/fs/file-nr', 'x'],
  ['filesystem', (paths) => filesystem({ ...paths, statfs: async () => size }), '1/mounts', 'x'],
  ['loadavg', loadavg, 'loadavg', 'x'],
  ['meminfo', meminfo, 'meminfo', 'x'],
  ['netdev', netdev, 'net/dev', 'x\nx\neth0: x'],
  ['stat', stat, 'stat', 'intr x'],
  ['vmstat', vmstat, 'vmstat', 'pgfault x'],
];
const size = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 64, ffree: 32 };

describe.each(cases)('%s', (_, make, file, garbage) => {
  it.each(
    collectorConformance({
      good: () => make(recorded),
      failing: async () => make({ ...recorded, procfs: await tree({ [file]: `${garbage}\n` }) }),
      // Files of the kernel do not; of those that do, filesystem's own tests tell.
      hanging: 'none',
      // node_exporter's.
      foreign: /^node_/,
    }),
  )('$title', ({ check }) => check());
});
