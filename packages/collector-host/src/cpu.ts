import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Collector, collector, counter, gauge } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { amount, malformed, type Row, readIfThere, readNumber, readRows, rows } from './source.ts';

/** Ticks a second, in what the kernel tells programs; the same on every architecture Node runs on. */
const userHz = 100;
const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const guestModes = ['user', 'nice'] as const;
const idle = modes.indexOf('idle');
/** A CPU whose idle time falls by more than this has been unplugged and plugged in again. */
const replugged = 3 * userHz;

/** Time per CPU and mode, from `/proc/stat`; how often the heat has throttled them, and which are isolated, from sysfs. */
export function cpu({ procfs = '/proc', sysfs = '/sys' }: Paths = {}): Collector {
  const before = new Map<string, readonly number[]>();
  return collector({
    name: 'cpu',
    metrics: {
      time: counter({
        name: 'node_cpu_seconds_total',
        help: 'Time each CPU has spent in each mode.',
        unit: 'seconds',
        labels: { cpu: String, mode: modes },
      }),
      guest: counter({
        name: 'node_cpu_guest_seconds_total',
        help: 'Time each CPU has spent running virtual machines; it is also part of modes user and nice.',
        unit: 'seconds',
        labels: { cpu: String, mode: guestModes },
      }),
      coreThrottles: counter({
        name: 'node_cpu_core_throttles_total',
        help: 'How often this core has been throttled for its heat.',
        labels: ['package', 'core'],
      }),
      packageThrottles: counter({
        name: 'node_cpu_package_throttles_total',
        help: 'How often this package has been throttled for its heat.',
        labels: ['package'],
      }),
      isolated: gauge({
        name: 'node_cpu_isolated',
        help: '1 for each CPU that the scheduler leaves alone.',
        labels: ['cpu'],
      }),
    },
    async collect({ time, guest, coreThrottles, packageThrottles, isolated }, { signal }) {
      for (const { cpu, ticks } of times(await readRows(procfs, 'stat', signal))) {
        const steady = neverBack(before.get(cpu), ticks);
        before.set(cpu, steady);
        modes.forEach((mode, i) => {
          time.set({ cpu, mode }, steady[i]! / userHz);
        });
        guestModes.forEach((mode, i) => {
          guest.set({ cpu, mode }, steady[modes.length + i]! / userHz);
        });
      }
      const { cores, packages } = await throttles(sysfs, signal);
      for (const [labels, count] of cores) coreThrottles.set(labels, count);
      for (const [labels, count] of packages) packageThrottles.set(labels, count);
      const file = 'devices/system/cpu/isolated';
      for (const row of rows((await readIfThere(sysfs, file, signal)) ?? '', join(sysfs, file))) {
        for (const cpu of cpuList(row)) isolated.set({ cpu }, 1);
      }
    },
  });
}

/** The `cpuN` lines. Kernels before 2.6.33 write fewer columns; those count as 0. */
function times(lines: readonly Row[]): { cpu: string; ticks: number[] }[] {
  return lines.flatMap((row) => {
    const cpu = /^cpu(\d+)$/.exec(row.fields[0]!)?.[1];
    if (cpu === undefined) return [];
    const ticks = [...modes, ...guestModes].map((_, i) =>
      i > idle && i + 1 >= row.fields.length ? 0 : amount(row, i + 1),
    );
    return [{ cpu, ticks }];
  });
}

/** The kernel's idle and iowait times may step back a little; a counter must not. */
function neverBack(before: readonly number[] | undefined, now: readonly number[]): readonly number[] {
  if (before === undefined || before[idle]! - now[idle]! >= replugged) return now;
  return now.map((ticks, i) => Math.max(ticks, before[i]!));
}

interface Throttles {
  readonly cores: readonly [labels: { package: string; core: string }, count: number][];
  readonly packages: readonly [labels: { package: string }, count: number][];
}

/** Every CPU of a core, and of a package, tells the same count: each is taken from the first that has it. */
async function throttles(sysfs: string, signal: AbortSignal): Promise<Throttles> {
  const root = join(sysfs, 'devices/system/cpu');
  const names = await readdir(root).catch(() => []);
  const cores = new Map<string, Throttles['cores'][number]>();
  const packages = new Map<string, Throttles['packages'][number]>();
  for (const name of names.filter((n) => /^cpu\d+$/.test(n)).sort()) {
    const ofCore = await readNumber(root, `${name}/thermal_throttle/core_throttle_count`, signal);
    const ofPackage = await readNumber(root, `${name}/thermal_throttle/package_throttle_count`, signal);
    if (ofCore === undefined && ofPackage === undefined) continue;
    const core = (await readIfThere(root, `${name}/topology/core_id`, signal))?.trim();
    const pkg = (await readIfThere(root, `${name}/topology/physical_package_id`, signal))?.trim();
    // Some virtual machines have no topology, or -1.
    if (!isId(core) || !isId(pkg)) continue;
    const key = `${pkg}/${core}`;
    if (ofCore !== undefined && !cores.has(key)) cores.set(key, [{ package: pkg, core }, ofCore]);
    if (ofPackage !== undefined && !packages.has(pkg)) packages.set(pkg, [{ package: pkg }, ofPackage]);
  }
  return { cores: [...cores.values()], packages: [...packages.values()] };
}

const isId = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);

/** `1,3-5` is 1, 3, 4 and 5. */
function cpuList(row: Row): number[] {
  return row.fields
    .join('')
    .split(',')
    .flatMap((range) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(range);
      if (match === null) throw malformed(row, 'a list of CPUs such as "1,3-5"');
      const first = Number(match[1]);
      return Array.from({ length: Math.max(0, Number(match[2] ?? first) - first + 1) }, (_, i) => first + i);
    });
}
