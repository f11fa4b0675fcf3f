import { join } from 'node:path';
import { type Collector, collector, counter, gauge } from 'exporter-kit';
import { pauseAfter } from '../kernel-file.ts';
import type { Paths } from '../paths.ts';
import { type SideRun, side } from '../side.ts';
import { amount, malformed, type Row, readRows, rows } from '../source.ts';

/** Ticks a second, in what the kernel tells programs; the same on every architecture Node runs on. */
const userHz = 100;
const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const guestModes = ['user', 'nice'] as const;
const idle = modes.indexOf('idle');
/** A CPU whose idle time falls by more than this has been unplugged and plugged in again. */
const replugged = 3 * userHz;

/** In a second, CPUs spend as many seconds in all modes together as there are CPUs. */
export const cpuTime = counter({
  name: 'node_cpu_seconds_total',
  help: 'Time each CPU has spent in each mode.',
  unit: 'seconds',
  labels: { cpu: String, mode: modes },
});

/** Time per CPU and mode, from `/proc/stat`; how often the heat has throttled them, and which are isolated, from sysfs. */
export function cpu({ procfs = '/proc', sysfs = '/sys' }: Paths = {}): Collector {
  const before = new Map<string, readonly number[]>();
  const beside = side('cpu');
  return collector({
    name: 'cpu',
    metrics: {
      time: cpuTime,
      guest: counter({
        name: 'node_cpu_guest_seconds_total',
        help: 'Time each CPU has spent running virtual machines; it is also part of modes user and nice.',
        unit: 'seconds',
        labels: { cpu: String, mode: guestModes },
      }),
      coreThrottles: counter({
        name: 'node_cpu_core_throttles_total',
        help: 'Times this core has been throttled because of heat.',
        labels: ['package', 'core'],
      }),
      packageThrottles: counter({
        name: 'node_cpu_package_throttles_total',
        help: 'Times this package has been throttled because of heat.',
        labels: ['package'],
      }),
      isolated: gauge({
        name: 'node_cpu_isolated',
        help: '1 for each CPU that is isolated from the scheduler.',
        labels: ['cpu'],
      }),
      online: gauge({
        name: 'node_cpu_online',
        help: '1 if the CPU is online, 0 if not; absent if the first CPU cannot be taken offline.',
        labels: ['cpu'],
      }),
      skipped: beside.skipped,
    },
    async collect({ time, guest, coreThrottles, packageThrottles, isolated, online, skipped }, context) {
      const run = beside.begin(context);
      const running = times(run, readRows(procfs, 'stat'));
      for (const cpu of before.keys()) if (!running.has(cpu)) before.delete(cpu);
      for (const [cpu, ticks] of running) {
        const steady = neverBack(before.get(cpu), ticks);
        before.set(cpu, steady);
        modes.forEach((mode, i) => {
          time.set({ cpu, mode }, steady[i]! / userHz);
        });
        guestModes.forEach((mode, i) => {
          guest.set({ cpu, mode }, steady[modes.length + i]! / userHz);
        });
      }
      const root = join(sysfs, 'devices/system/cpu');
      const names = run
        .names('cpus', root)
        .filter((name) => /^cpu\d+$/.test(name))
        .sort();
      const { cores, packages } = await throttles(run, root, names);
      for (const [labels, count] of cores) coreThrottles.set(labels, count);
      for (const [labels, count] of packages) packageThrottles.set(labels, count);
      for (const [cpu, state] of await switches(run, root, names)) online.set({ cpu }, state);
      for (const cpu of isolatedCpus(run, join(root, 'isolated'))) isolated.set({ cpu }, 1);
      run.end(skipped);
    },
  });
}

/** The `cpuN` lines. Kernels before 2.6.33 write fewer columns; those count as 0. */
function times(run: SideRun, lines: readonly Row[]): Map<string, number[]> {
  const found = run.lines('stat', lines, (row) => {
    const cpu = /^cpu(\d+)$/.exec(row.fields[0]!)?.[1];
    if (cpu === undefined) return undefined;
    const ticks = [...modes, ...guestModes].map((_, i) =>
      i > idle && i + 1 >= row.fields.length ? 0 : amount(row, i + 1),
    );
    return { key: cpu, ticks };
  });
  return new Map(found.map(({ key, ticks }) => [key, ticks]));
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
async function throttles(run: SideRun, root: string, names: readonly string[]): Promise<Throttles> {
  const cores = new Map<string, Throttles['cores'][number]>();
  const packages = new Map<string, Throttles['packages'][number]>();
  for (const [index, name] of names.entries()) {
    await pauseAfter(index);
    const number = (file: string) => run.number(file, join(root, name, file));
    const ofCore = number('thermal_throttle/core_throttle_count');
    const ofPackage = number('thermal_throttle/package_throttle_count');
    if (ofCore === undefined && ofPackage === undefined) continue;
    const core = number('topology/core_id');
    const pkg = number('topology/physical_package_id');
    if (core === undefined || pkg === undefined) continue;
    const [key, labels] = [`${pkg}/${core}`, { package: String(pkg), core: String(core) }];
    if (ofCore !== undefined && !cores.has(key)) cores.set(key, [labels, ofCore]);
    if (ofPackage !== undefined && !packages.has(labels.package))
      packages.set(labels.package, [{ package: labels.package }, ofPackage]);
  }
  return { cores: [...cores.values()], packages: [...packages.values()] };
}

/** Which CPUs are online. If the first has no such file, as on most PCs, the others are omitted, as in node_exporter. */
async function switches(run: SideRun, root: string, names: readonly string[]): Promise<[cpu: string, state: number][]> {
  const found: [string, number][] = [];
  for (const [index, name] of names.entries()) {
    await pauseAfter(index);
    const file = join(root, name, 'online');
    const content = run.bytes('online', file);
    if (content === undefined && index === 0) return [];
    if (content === undefined) continue;
    const state = run.attempt('online', file, () => oneOf(['0', '1'], content, file));
    if (state !== undefined) found.push([name.slice('cpu'.length), Number(state)]);
  }
  return found;
}

function oneOf(values: readonly string[], content: Buffer, file: string): string {
  const found = content.toString('latin1').trim();
  if (values.includes(found)) return found;
  throw malformed({ fields: [found], at: `${file}:1` }, values.join(' or '));
}

function isolatedCpus(run: SideRun, file: string): Set<number> {
  const lines = rows(run.bytes('isolated', file) ?? Buffer.alloc(0), file);
  return new Set(lines.flatMap((row) => run.attempt('isolated', file, () => cpuList(row)) ?? []));
}

/** More CPUs than any kernel is built for. */
const mostCpus = 65_536;

/** `1,3-5` is 1, 3, 4 and 5. */
function cpuList(row: Row): number[] {
  return row.fields
    .join('')
    .split(',')
    .flatMap((range) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(range);
      const first = Number(match?.[1]);
      const last = Number(match?.[2] ?? first);
      if (!(last < mostCpus)) throw malformed(row, 'a list of CPUs such as "1,3-5"');
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
    });
}
