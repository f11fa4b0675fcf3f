import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Family, Sample } from 'exporter-kit/exposition';
import { parseText } from 'exporter-kit/exposition';
import { scrape } from 'exporter-kit/testing';
import { needPeers, startNodeExporter } from 'test-servers';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { textfile } from '../src/collectors/textfile.ts';
import { time } from '../src/collectors/time.ts';
import { host } from '../src/index.ts';
import type { Paths } from '../src/paths.ts';
import { asNobody, recorded, sharedCopy, tree } from './fixtures.ts';

const ok = needPeers('node_exporter');

/** What each side tells of itself, and not of the host. */
const itself = /^node_(scrape_collector_|exporter_build_info$)|^promhttp_/;
/** What can't change while the test runs. */
const constant =
  /_info$|^my_|^node_(boot_time_seconds|cpu_isolated|filefd_maximum|textfile_.*|time_zone_offset_seconds|cpu_online|filesystem_(size_bytes|files|device_error|purgeable_bytes)|memory_((Mem|Swap|Vmalloc)Total|Hugepagesize|DirectMap.*)_bytes)$/;

interface Series {
  readonly family: Family;
  readonly value: number;
}
type Exposition = ReadonlyMap<string, Series>;

/** Bounds and quantiles are numbers: what it writes as `1` is our `1.0`. */
const plain = (label: string, value: string): string =>
  label === 'le' || label === 'quantile' ? String(Number(value.replace('Inf', 'Infinity'))) : value;

/**
 * What node_exporter 1.9 and later have no family for, and 1.5 had: fields of `/proc/meminfo` that its library does not know.
 * We serve them on.
 */
const lostMeminfo =
  /^node_memory_(Balloon|FileHugePages|FilePmdMapped|GPU(Active|Reclaim)|Hugetlb|KReclaimable|SecPageTables|ShadowCallStack|Unaccepted)_bytes$/;
/** 1.11 says "0" wherever a file lacks that it reads beside `queue/rotational`; 1.12 reads that one only, as we do. */
const rotational = /,\["rotational","[01]"\]/;

/** By name and labels; an empty label is none. */
function bySeries(families: Iterable<Family>): Exposition {
  const key = ({ name, labels }: Sample): string =>
    `${name}${JSON.stringify(
      Object.entries(labels)
        .filter(([, value]) => value !== '')
        .map(([label, value]) => [label, plain(label, value)])
        .sort(),
    )}`.replace(rotational, '');
  return new Map(
    [...families]
      .filter(({ name }) => !itself.test(name) && !lostMeminfo.test(name))
      .flatMap((family) => family.samples.map((sample) => [key(sample), { family, value: sample.value }])),
  );
}

async function start(flags: readonly string[]) {
  const server = await startNodeExporter(['--web.disable-exporter-metrics', '--collector.disable-defaults', ...flags]);
  onTestFinished(() => server.stop());
  return server;
}

async function theirs(...flags: string[]): Promise<() => Promise<Exposition>> {
  const server = await start(flags);
  return async () => bySeries(parseText(await server.scrape()));
}

/** Runs all collectors, each time the same ones. */
function ours(paths: Paths, directory: string[] = []): () => Promise<Exposition> {
  const collectors = host(paths);
  return async () => {
    const scrapes = await Promise.all(
      collectors.map((c) => scrape(c, c.name === 'textfile' ? { config: { directory } } : {})),
    );
    return bySeries(scrapes.flatMap(({ text }) => parseText(text)));
  };
}

const names = host().map(({ name }) => name);
const kinds = (exposition: Exposition): string[] =>
  [...new Set([...exposition.values()].map(({ family }) => `${family.name} ${family.kind}`))].sort();
const series = (exposition: Exposition): string[] => [...exposition.keys()].sort();
/** They multiply by 0.001 where we divide by 1000. */
const slack = 1e-12;

const users: readonly [string, typeof asNobody][] = [
  ['whoever runs this test', (task) => task()],
  ['nobody', asNobody],
];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(!ok)('beside a real node_exporter on this machine', () => {
  it.each(users)('has its families, types, labels and values, run by %s', async (_, as) => {
    const textfiles = await tree({
      'a.prom':
        '# HELP my_jobs_total Jobs.\n# TYPE my_jobs_total counter\nmy_jobs_total{queue="a"} 3\nmy_jobs_total 4\n',
      'b.prom': 'my_value{quote="\\"",line="\\n"} -0.5\nmy_size{d="1"} 1\nmy_value 3\nmy_size{d="2"} 2\n',
    });
    const readTheirs = await as(() =>
      theirs(...names.map((n) => `--collector.${n}`), `--collector.textfile.directory=${textfiles}`),
    );
    const readOwn = ours({}, [textfiles]);
    const readOurs = () => as(readOwn);

    // The kernel may take back a little idle time between two readings, but not three times over.
    let wrong: string[] = [];
    for (let round = 0; round < 3 && (round === 0 || wrong.length > 0); round++) {
      const before = await readOurs();
      const real = await readTheirs();
      const after = await readOurs();
      expect(kinds(after)).toEqual(kinds(real));
      expect(series(after)).toEqual(series(real));
      expect(series(before)).toEqual(series(real));
      const unlike = series(real).filter((key) => !fits(key, before, real, after));
      wrong = round === 0 ? unlike : wrong.filter((key) => unlike.includes(key));
    }
    expect(wrong).toEqual([]);
  });

  it('takes from text files what it takes, and leaves out the same files', async () => {
    const h = (labels: string, le: string) =>
      `my_h_bucket{${labels},le="${le}"} 1\nmy_h_bucket{${labels},le="+Inf"} 1\nmy_h_sum{${labels}} 2\nmy_h_count{${labels}} 1\n`;
    const s = (labels: string, quantile: string) =>
      `my_s{${labels},quantile="${quantile}"} 1\nmy_s_sum{${labels}} 2\nmy_s_count{${labels}} 1\n`;
    const textfiles = await tree({
      'buckets.prom': `# HELP my_h H.\n# TYPE my_h histogram\n${h('a="1"', '1')}my_u 1\n${h('b="2"', '1e6')}`,
      'quantiles.prom': `# HELP my_s S.\n# TYPE my_s summary\n${s('a="1"', '0.5')}${s('a="2"', '.99')}`,
      'names.prom': [
        ...['# TYPE my_rows_total counter', 'my_rows_total 1', '# TYPE my_rows_created gauge', 'my_rows_created 2'],
        ...['# TYPE my_rows GAUGE', 'my_rows 3', '# HELP my_rows Rows.', '# TYPE my_x counter', 'my_x 4'],
        ...[
          '# TYPE my_y_total gauge',
          'my_y_total 5',
          'my_z_bucket{le="1"} 6',
          'my_z_info 7',
          '# TYPE my_s_created gauge',
        ],
        ...['my_s_created 8', 'my_z_count 9', '# HELP my_nothing Nothing.', ''],
      ].join('\n'),
      'latin1.prom': Buffer.from('my_disk{name="caf\xe9"} 1\n', 'latin1'),
      'crlf.prom': 'my_crlf 1\r\n',
      'cut.prom': 'my_cut 1',
      'late_type.prom': 'my_late 1\n# TYPE my_late gauge\n',
      'time.prom': 'my_time 1 1700000000000\n',
      'bound.prom': '# TYPE my_bound histogram\nmy_bound_bucket{le="a"} 1\n',
    });
    const real = await (await theirs('--collector.textfile', `--collector.textfile.directory=${textfiles}`))();
    const own = bySeries(parseText((await scrape(textfile(), { config: { directory: [textfiles] } })).text));
    expect(kinds(own)).toEqual(kinds(real));
    expect(series(own)).toEqual(series(real));
    expect(series(real).filter((key) => !near(own.get(key)!.value, real.get(key)!.value))).toEqual([]);
    expect(real.get('node_textfile_scrape_error[]')?.value).toBe(1);
    expect(series(real).filter((key) => key.startsWith('node_textfile_mtime'))).toHaveLength(3);
  });

  it.each(users)('finds in the recorded trees what it finds, run by %s', async (_, as) => {
    const { own, real } = await overTrees(as, recorded);
    expect(kinds(own)).toEqual(kinds(real));
    expect(series(own)).toEqual(series(real));
    expect(series(real).filter((key) => !near(own.get(key)!.value, real.get(key)!.value))).toEqual([]);
  });

  const copy = sharedCopy();

  // A folder that may not be entered is what node_exporter 1.11.1 does without as well; single odd lines and other files
  // cost it the collector.
  it('has all that it has where folders are closed to nobody', async () => {
    const cpu = join(copy.sysfs, 'devices/system/cpu/cpu0');
    for (const closed of [`${cpu}/thermal_throttle`, `${cpu}/topology`, join(copy.sysfs, 'class/net'), copy.udev.data])
      await chmod(closed, 0o700);
    const { own, real } = await overTrees(asNobody, copy);
    expect(series(own)).toEqual(series(real));
    expect(series(real).filter((key) => !near(own.get(key)!.value, real.get(key)!.value))).toEqual([]);
  });

  it.each([
    ...['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Australia/Lord_Howe'],
    ...[':Europe/Berlin', ':/etc/localtime', '/usr/share/zoneinfo/Asia/Tokyo', 'Nowhere/City', 'CET-1CEST', '', ':'],
  ])('names the time zone %s as it does', async (zone) => {
    vi.stubEnv('TZ', zone);
    const real = await (await theirs('--collector.time'))();
    const own = bySeries(parseText((await scrape(time())).text));
    const offset = (exposition: Exposition) =>
      series(exposition)
        .filter((key) => key.includes('zone'))
        .map((key) => [key, exposition.get(key)?.value]);
    expect(offset(own)).toEqual(offset(real));
  });
});

/** What both find in trees on disk. */
async function overTrees(as: typeof asNobody, paths: Paths & typeof recorded) {
  const fixed = ['cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'stat', 'time', 'vmstat'];
  // Of the places where something is mounted, /home is missing.
  const rootfs = await tree({ 'boot/x': '', 'srv/my films/x': '', 'tmp/x': '' });
  const flags = [
    ...fixed.map((n) => `--collector.${n}`),
    '--no-collector.netdev.netlink',
    `--path.procfs=${paths.procfs}`,
    `--path.sysfs=${paths.sysfs}`,
    `--path.rootfs=${rootfs}`,
    `--path.udev.data=${paths.udev.data}`,
  ];
  const collectors = host({ ...paths, rootfs }).filter(({ name }) => fixed.includes(name));
  const scrapes = await as(async () => await Promise.all(collectors.map((c) => scrape(c))));
  const all = scrapes.flatMap(({ text }) => parseText(text));
  // What moves; and in 1.11.1 a mount's options run into each other, in any order, so that "ro" is found or not (mended in
  // 1.12). Only netlink tells them what nobody wanted.
  const moving = /^node_(time_seconds|filesystem_(free|avail)_bytes|filesystem_files_free|filesystem_readonly)$/;
  const still = (families: readonly Family[]): Exposition =>
    bySeries(families.filter(({ name }) => !moving.test(name) && name !== 'node_network_receive_nohandler_total'));
  const server = await as(() => start(flags));
  return { own: still(all), real: still(parseText(await server.scrape())) };
}

function fits(key: string, before: Exposition, real: Exposition, after: Exposition): boolean {
  const { family, value } = real.get(key)!;
  const [low, high] = [before.get(key)!.value, after.get(key)!.value];
  if (constant.test(family.name)) return near(low, value) && near(value, high);
  // The fields of vmstat that we take are counters, although the kernel doesn't say so.
  if (family.kind !== 'counter' && !family.name.startsWith('node_vmstat_')) return true;
  return low <= value * (1 + slack) && value <= high * (1 + slack);
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.abs(b) * slack;
