import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Collector, Logger } from 'exporter-kit';
import { type Scraped, scrape } from 'exporter-kit/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { asNobody, fixture, sharedCopy } from '../test/fixtures.ts';
import { filesystem } from './collectors/filesystem.ts';
import { host } from './host.ts';

// What reading a path throws, for faults that no file can be given.
const faulty = new Map<string, string>();

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const orThrow =
    <A extends unknown[], R>(read: (...args: A) => R) =>
    (...args: A): R => {
      const code = faulty.get(String(args[0]));
      if (code !== undefined) throw Object.assign(new Error(`${code}: as the test says`), { code });
      return read(...args);
    };
  return { ...real, openSync: orThrow(real.openSync), readdirSync: orThrow(real.readdirSync as never) };
});

// Registered first, so that it runs last: it reads these folders as well.
const paths = sharedCopy();
afterEach(() => {
  faulty.clear();
  vi.unstubAllEnvs();
});

const size = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 64, ffree: 32 };
const family = 'node_scrape_collector_partial_errors_total';

/** A collector over the copied trees, to be scraped again and again. */
function underTest(name: string) {
  const sized = filesystem({ ...paths, statfs: async () => size });
  const collector = [sized, ...host(paths)].find((one) => one.name === name) as Collector;
  const warned: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn: (facts) => warned.push((facts as { path: string }).path),
    error() {},
  };
  return { warned, scraped: () => scrape(collector, { log }) };
}

/** Series by name and labels, without those that a fault may cost. */
function others({ families }: Scraped, own: RegExp): Map<string, number> {
  const all = [...families.values()].flatMap(({ samples }) => samples);
  const keyed = all.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value] as const);
  return new Map(keyed.filter(([key]) => !own.test(key) && !/^node_time_seconds/.test(key) && !key.startsWith(family)));
}

const counted = ({ series }: Scraped): number => series(family).reduce((sum, { value }) => sum + value, 0);

type Fault = (path: string) => Promise<unknown>;
const holds =
  (content: string | Uint8Array): Fault =>
  (path) =>
    writeFile(path, content);
const fails =
  (code: string): Fault =>
  async (path) =>
    faulty.set(path, code);

const unreadable: { readonly [fault: string]: Fault } = {
  EACCES: fails('EACCES'),
  EPERM: fails('EPERM'),
  EINVAL: fails('EINVAL'),
  EIO: fails('EIO'),
  ENODEV: fails('ENODEV'),
  'a directory in its place': async (path) => {
    await rm(path);
    await mkdir(path);
  },
};
const odd: { readonly [fault: string]: Fault } = {
  'nothing in it': holds(''),
  '(null)': holds('(null)\n'),
  garbage: holds('what is\nthis?\n'),
  'a negative number': holds('-1\n'),
  'a huge number': holds(`${'9'.repeat(400)}\n`),
  'bytes that are not UTF-8': holds(Buffer.from([0xe9, 0xff, 0x00])),
};
const isEmpty = 'nothing in it';

interface SideFile {
  readonly collector: string;
  readonly tree: 'procfs' | 'sysfs' | 'udev';
  readonly path: string;
  /** The series it may cost. */
  readonly own: RegExp;
  /** What may well be in it: it is not counted. */
  readonly legal?: readonly string[];
  /** Whether it is a directory. */
  readonly directory?: boolean;
}

const cpus = 'devices/system/cpu';
const clock = 'devices/system/clocksource';
const sides: readonly SideFile[] = [
  { collector: 'cpu', tree: 'sysfs', path: cpus, own: /throttles|online|isolated/, directory: true },
  { collector: 'cpu', tree: 'sysfs', path: `${cpus}/isolated`, own: /isolated/, legal: [isEmpty] },
  { collector: 'cpu', tree: 'sysfs', path: `${cpus}/cpu2/online`, own: /online\{"cpu":"2"/ },
  { collector: 'cpu', tree: 'sysfs', path: `${cpus}/cpu0/thermal_throttle/core_throttle_count`, own: /core_throttles/ },
  {
    collector: 'cpu',
    tree: 'sysfs',
    path: `${cpus}/cpu1/thermal_throttle/package_throttle_count`,
    own: /package_thro/,
  },
  { collector: 'cpu', tree: 'sysfs', path: `${cpus}/cpu0/topology/core_id`, own: /throttles/ },
  { collector: 'cpu', tree: 'sysfs', path: `${cpus}/cpu3/topology/physical_package_id`, own: /throttles/ },
  { collector: 'netdev', tree: 'sysfs', path: 'class/net/eth0/statistics/rx_nohandler', own: /nohandler.*eth0/ },
  {
    collector: 'diskstats',
    tree: 'udev',
    path: 'b8:0',
    own: /(info|ata_).*"sda"/,
    // Lines that say nothing of the device.
    legal: Object.keys(odd),
  },
  { collector: 'diskstats', tree: 'sysfs', path: 'block/sda/queue/rotational', own: /disk_info.*"sda"/ },
  { collector: 'time', tree: 'sysfs', path: clock, own: /clocksource/, directory: true },
  {
    collector: 'time',
    tree: 'sysfs',
    path: `${clock}/clocksource0/available_clocksource`,
    own: /available_info/,
    legal: [isEmpty, 'a negative number', 'a huge number', 'garbage'],
  },
  {
    collector: 'time',
    tree: 'sysfs',
    path: `${clock}/clocksource0/current_clocksource`,
    own: /current_info/,
    legal: [isEmpty, 'a negative number', 'a huge number', 'garbage'],
  },
  ...['ostype', 'osrelease', 'version', 'arch', 'hostname', 'domainname'].map((file) => ({
    collector: 'uname',
    tree: 'procfs' as const,
    path: `sys/kernel/${file}`,
    own: /uname_info/,
    legal: Object.keys(odd),
  })),
  {
    collector: 'filesystem',
    tree: 'procfs',
    path: '1/mountinfo',
    own: /mount_info|readonly/,
    legal: [isEmpty],
  },
];

const fileOf = ({ tree, path }: SideFile): string => join(tree === 'udev' ? paths.udev.data : paths[tree], path);

describe.each(sides)('$collector, beside $path', (side) => {
  const { collector, own, legal = [], directory = false } = side;
  const faults = {
    ...unreadable,
    // All of a table of mounts that is odd is no table.
    ...(directory || collector === 'filesystem' ? {} : odd),
  };
  if (directory) delete faults['a directory in its place'];

  it.each(Object.entries(faults))('tells %s once, counts it, and serves the rest', async (fault, make) => {
    const { warned, scraped } = underTest(collector);
    const good = others(await scraped(), own);
    const file = fileOf(side);
    await make(file);
    const before = await scraped();
    const bad = await scraped();
    expect(Object.fromEntries(others(bad, own))).toEqual(Object.fromEntries(good));
    expect(good.size + (collector === 'uname' ? 1 : 0)).toBeGreaterThan(0);
    if (legal.includes(fault)) return;
    expect(counted(bad)).toBe(2 * counted(before));
    expect(counted(before)).toBeGreaterThan(0);
    expect(warned.filter((path) => path !== file && path !== `${file}:1`)).toEqual([]);
    expect(warned).toHaveLength(1);
  });

  it('does without it where it is missing, and says nothing', async () => {
    const { warned, scraped } = underTest(collector);
    const good = others(await scraped(), own);
    await rm(fileOf(side), { recursive: true });
    const bad = await scraped();
    expect(Object.fromEntries(others(bad, own))).toEqual(Object.fromEntries(good));
    expect([counted(bad), warned]).toEqual([0, []]);
  });

  // Whoever runs this may not be able to become somebody else; then it is he who may not read.
  it('does without it where another user may not read it', async () => {
    const { warned, scraped } = underTest(collector);
    const good = others(await asNobody(scraped), own);
    const file = fileOf(side);
    await chmod(file, 0);
    const bad = await asNobody(scraped);
    expect(Object.fromEntries(others(bad, own))).toEqual(Object.fromEntries(good));
    expect(counted(bad)).toBeGreaterThan(0);
    expect(warned).toContain(file);
  });

  it('does without the folder it is in where another user may not enter it', async () => {
    const { scraped } = underTest(collector);
    // A folder with main figures in it would take those, too.
    const folder = dirname(fileOf(side));
    const good = others(await asNobody(scraped), /throttles|online|isolated|nohandler|info|ata_|clocksource|readonly/);
    await chmod(folder, 0o700);
    const bad = await asNobody(scraped);
    expect(others(bad, /throttles|online|isolated|nohandler|info|ata_|clocksource|readonly/)).toEqual(good);
    if (process.getuid?.() === 0) expect(counted(bad)).toBeGreaterThan(0);
  });
});

interface Line {
  readonly collector: string;
  readonly path: string;
  /** The line, and the series it may cost. */
  readonly line: RegExp;
  readonly own: RegExp;
}

const lines: readonly Line[] = [
  { collector: 'cpu', path: 'stat', line: /^cpu1 .*/m, own: /"cpu":"1","mode/ },
  { collector: 'stat', path: 'stat', line: /^ctxt .*/m, own: /context_switches/ },
  { collector: 'stat', path: 'stat', line: /^intr .*/m, own: /intr/ },
  { collector: 'meminfo', path: 'meminfo', line: /^MemFree: .*/m, own: /MemFree/ },
  { collector: 'vmstat', path: 'vmstat', line: /^pgfault .*/m, own: /pgfault/ },
  { collector: 'diskstats', path: 'diskstats', line: /^.* sda .*/m, own: /"sda"/ },
  { collector: 'netdev', path: 'net/dev', line: /^ *eth0:.*/m, own: /"eth0"/ },
  { collector: 'filesystem', path: '1/mountinfo', line: /^.* \/tmp .*/m, own: /"\/tmp"/ },
];
const oddLines: { readonly [fault: string]: (line: string) => string } = {
  '(null)': () => '(null)',
  garbage: () => 'what is this?',
  'half of it': (line) => line.slice(0, line.length / 3),
  'no numbers': (line) => line.replace(/\d{2,}(?=[^0]*$)|\b0\b/g, 'x'),
  'negative numbers': (line) => line.replace(/ (\d)/g, ' -$1'),
  'huge numbers': (line) => line.replace(/ \d+/g, ` ${'9'.repeat(400)}`),
  'a table of its own': () => '        total:    used:    free:  shared: buffers:  cached:',
  'nothing in it': () => '',
  'bytes that are not UTF-8': (line) => line.replace(/[a-z]/gi, '\xe9').replace(/\d/g, '\xff'),
};

describe.each(lines)('$collector, a line of $path', ({ collector, path, line, own }) => {
  it.each(Object.entries(oddLines))('costs itself: %s', async (_, make) => {
    const { warned, scraped } = underTest(collector);
    const good = others(await scraped(), own);
    const file = join(paths.procfs, path);
    const table = await readFile(file, 'latin1');
    await writeFile(file, table.replace(line, make), 'latin1');
    const before = await scraped();
    const bad = await scraped();
    const rest = others(bad, own);
    for (const [key, value] of good) expect([key, rest.get(key)]).toEqual([key, value]);
    expect(counted(bad)).toBe(2 * counted(before));
    expect(warned.length).toBe(counted(before));
  });
});

it('tells what has recovered and fails again', async () => {
  const { warned, scraped } = underTest('cpu');
  const isolated = join(paths.sysfs, cpus, 'isolated');
  for (const content of ['(null)\n', '1\n', '(null)\n', '(null)\n']) {
    await writeFile(isolated, content);
    await scraped();
  }
  expect(warned).toEqual([isolated, isolated]);
  faulty.set(isolated, 'EIO');
  await scraped();
  expect(warned).toEqual([isolated, isolated, isolated]);
});

it('names no more than ten at a time', async () => {
  const { warned, scraped } = underTest('netdev');
  const head = 'Inter-|\n face |\n';
  const device = (n: number): string => `eth${n}: ${'1 '.repeat(16)}\n`;
  const odds = Array.from({ length: 50 }, (_, n) => `odd${n}: none\n`);
  await writeFile(join(paths.procfs, 'net/dev'), head + device(0) + odds.join(''));
  expect(counted(await scraped())).toBe(50);
  expect(warned).toHaveLength(10);
});

it('takes no list of CPUs that would fill the memory', async () => {
  const { scraped } = underTest('cpu');
  await writeFile(join(paths.sysfs, cpus, 'isolated'), '0-99999999999\n');
  const { series } = await scraped();
  expect(series('node_cpu_isolated')).toEqual([]);
  await writeFile(join(paths.sysfs, cpus, 'isolated'), '1,0-2\n');
  expect((await scraped()).series('node_cpu_isolated')).toHaveLength(3);
});

it.each([
  ['meminfo', 'meminfo', 'MemTotal: 1 kB\nMemTotal: 2 kB\nActive(anon): 1 kB\nActive_anon: 1 kB\n', 2],
  ['vmstat', 'vmstat', 'pgfault 1\npgfault 2\n', 1],
  ['stat', 'stat', 'ctxt 1\nctxt 2\n', 1],
  ['netdev', 'net/dev', `x\nx\n${`e\xe8: ${'1 '.repeat(16)}\ne\xe9: ${'1 '.repeat(16)}\n`}`, 1],
  ['diskstats', 'diskstats', `8 0 sda ${'1 '.repeat(17)}\n8 16 sda ${'1 '.repeat(17)}\n`, 1],
  ['cpu', 'stat', 'cpu0 1 2 3 4\ncpu0 1 2 3 4\n', 1],
  ['filesystem', '1/mountinfo', '1 1 0:1 / /\xe8 rw - tmpfs a rw\n1 1 0:1 / /\xe9 rw - tmpfs a rw\n', 1],
])('%s counts what comes twice in %s, and serves it once', async (collector, path, content, count) => {
  const { scraped } = underTest(collector);
  await writeFile(join(paths.procfs, path), content, 'latin1');
  expect(counted(await scraped())).toBe(count);
});

it.each([
  ['load1', 'loadavg', 'loadavg', '(null) 0.5 0.25 1/2 3\n', 'node_load5', 0.5],
  ['allocated', 'filefd', 'sys/fs/file-nr', '(null)\t0\t100\n', 'node_filefd_maximum', 100],
])('an odd %s costs itself', async (_, collector, path, content, name, expected) => {
  const { scraped } = underTest(collector);
  await writeFile(join(paths.procfs, path), content);
  const result = await scraped();
  expect(result.value(name)).toBe(expected);
  expect(counted(result)).toBe(1);
});

it.each([
  ['meminfo of a newer kernel', 'MemFree:        24084156 kB\nShadowCallStack:10373888 kB\n', 0],
  ['meminfo of a router', '        total:    used:    free:\nMem:  1 2 3\nMemFree: 24084156 kB\n', 2],
])('%s', async (_, content, odd) => {
  const { scraped } = underTest('meminfo');
  await writeFile(join(paths.procfs, 'meminfo'), content);
  const result = await scraped();
  expect(result.value('node_memory_MemFree_bytes')).toBe(24_084_156 * 1024);
  if (odd === 0) expect(result.value('node_memory_ShadowCallStack_bytes')).toBe(10_373_888 * 1024);
  expect(counted(result)).toBe(odd);
});

it('keeps the names of devices apart from their labels', async () => {
  const { scraped } = underTest('netdev');
  const table = Buffer.from(`x\nx\ncaf\xe9: ${'1 '.repeat(16)}\n`, 'latin1');
  await writeFile(join(paths.procfs, 'net/dev'), table);
  const { value } = await scraped();
  expect(value('node_network_receive_bytes_total', { device: 'caf\uFFFD' })).toBe(1);
});

it('shares the family between collectors of one exporter', async () => {
  const { exporter } = await import('exporter-kit');
  const made = exporter({ name: 'host_exporter', namespace: 'node', collectors: host({ procfs: fixture('proc') }) });
  expect(made.collectors(undefined).every(({ metrics }) => Object.values(metrics).length > 0)).toBe(true);
});
