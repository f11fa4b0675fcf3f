import { join } from 'node:path';
import { type Collector, collector, counter, gauge, info } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { pauseAfter } from '../kernel-file.ts';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, below, malformed, type Row, readRows, text } from '../source.ts';

/** What Debian's node_exporter leaves out by default: RAM disks, compressed or not, loop devices, partitions. */
const ignored = '^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$';

const labels = ['device'] as const;
/** The kernel counts in sectors of 512 bytes, whatever the device has, and in milliseconds. */
const sectors = (n: number): number => n * 512;
const milliseconds = (n: number): number => n / 1000;
const plain = (n: number): number => n;

/** The columns of `/proc/diskstats` from the fourth on. Source: the kernel's `admin-guide/iostats.rst`. */
const columns = [
  ['reads_completed_total', plain, 'Reads completed.'],
  ['reads_merged_total', plain, 'Reads merged with a neighbour.'],
  ['read_bytes_total', sectors, 'Bytes read.'],
  ['read_time_seconds_total', milliseconds, 'Time spent by all reads.'],
  ['writes_completed_total', plain, 'Writes completed.'],
  ['writes_merged_total', plain, 'Writes merged with a neighbour.'],
  ['written_bytes_total', sectors, 'Bytes written.'],
  ['write_time_seconds_total', milliseconds, 'Time spent by all writes.'],
  ['io_now', plain, 'Requests in progress.'],
  ['io_time_seconds_total', milliseconds, 'Time with a request in progress.'],
  ['io_time_weighted_seconds_total', milliseconds, 'Time with requests in progress, times their number.'],
  ['discards_completed_total', plain, 'Discards completed.'],
  ['discards_merged_total', plain, 'Discards merged with a neighbour.'],
  ['discarded_sectors_total', plain, 'Sectors discarded.'],
  ['discard_time_seconds_total', milliseconds, 'Time spent by all discards.'],
  ['flush_requests_total', plain, 'Flushes completed.'],
  ['flush_requests_time_seconds_total', milliseconds, 'Time spent by all flushes.'],
] as const;
/** Linux before 4.18 has eleven, before 5.5 fifteen. */
const fewest = 11;

type Column = (typeof columns)[number][0];
const perDevice = ([column, , help]: (typeof columns)[number]) => {
  const declaration = { name: `node_disk_${column}`, help, labels };
  return column.endsWith('_total') ? counter(declaration) : gauge(declaration);
};
const counts = Object.fromEntries(columns.map((column) => [column[0], perDevice(column)])) as {
  readonly [C in Column]: ReturnType<typeof perDevice>;
};

/** Block devices: their work, from `/proc/diskstats`, and what sysfs and udev know of them. */
export function diskstats(options: Paths = {}): Collector {
  const { procfs = '/proc', sysfs = '/sys', udev: { data = '/run/udev/data' } = {} } = options;
  const beside = side('diskstats');
  return collector({
    name: 'diskstats',
    metrics: {
      ...counts,
      about: info({
        name: 'node_disk_info',
        help: 'Information about the device, from the kernel and udev.',
        labels: ['device', 'major', 'minor', 'path', 'wwn', 'model', 'serial', 'revision', 'rotational'],
      }),
      filesystem: info({
        name: 'node_disk_filesystem_info',
        help: 'The file system that udev has detected on the device.',
        labels: ['device', 'type', 'usage', 'uuid', 'version'],
      }),
      mapper: info({
        name: 'node_disk_device_mapper_info',
        help: 'Information about the device, from the device mapper.',
        labels: ['device', 'name', 'uuid', 'vg_name', 'lv_name', 'lv_layer'],
      }),
      writeCache: gauge({
        name: 'node_disk_ata_write_cache',
        help: '1 if the ATA disk has a write cache, 0 if not.',
        labels,
      }),
      writeCacheEnabled: gauge({
        name: 'node_disk_ata_write_cache_enabled',
        help: '1 if the write cache of the ATA disk is enabled, 0 if not.',
        labels,
      }),
      rotation: gauge({
        name: 'node_disk_ata_rotation_rate_rpm',
        help: 'Rotation rate of the ATA disk, per minute; 0 for an SSD.',
        labels,
      }),
      skipped: beside.skipped,
    },
    config: z.object({ deviceExclude: regexp(ignored).describe('Block devices to exclude.') }),
    async collect(writers, context) {
      const run = beside.begin(context);
      const found = run.lines('diskstats', readRows(procfs, 'diskstats'), (row) => {
        const [major, minor, name] = row.fields;
        const device = text(name ?? '');
        if (context.config.deviceExclude.test(device)) return undefined;
        if (!isId(major) || !isId(minor) || name === undefined || row.fields.length < 3 + fewest)
          throw malformed(row, 'a device and its counts');
        return { key: device, name, major, minor, counts: work(row) };
      });
      for (const [index, { key: device, name, major, minor, counts }] of found.entries()) {
        await pauseAfter(index);
        for (const [column, count] of counts) writers[column].set({ device }, count);

        const udevFile = join(data, `b${major}:${minor}`);
        const properties = propertiesOf(run.bytes('udev', udevFile)?.toString());
        const of = (property: string): string => properties.get(property) ?? '';
        // A slash in a device's name is an exclamation mark in sysfs.
        const queue = below(join(sysfs, 'block'), `${name.replaceAll('/', '!')}/queue/rotational`);
        writers.about.set({
          device,
          major,
          minor,
          path: of('ID_PATH'),
          wwn: of('ID_WWN'),
          model: of('ID_MODEL'),
          // The first is what is printed on the disk; virtual disks have only the last.
          serial: of('SCSI_IDENT_SERIAL') || of('ID_SERIAL_SHORT') || of('ID_SERIAL'),
          revision: of('ID_REVISION'),
          rotational: run.number('rotational', queue) === 1 ? '1' : '0',
        });
        if (of('ID_FS_TYPE') !== '') {
          const [type, usage] = [of('ID_FS_TYPE'), of('ID_FS_USAGE')];
          writers.filesystem.set({ device, type, usage, uuid: of('ID_FS_UUID'), version: of('ID_FS_VERSION') });
        }
        if (of('DM_NAME') !== '') {
          const [vg_name, lv_name, lv_layer] = [of('DM_VG_NAME'), of('DM_LV_NAME'), of('DM_LV_LAYER')];
          writers.mapper.set({ device, name: of('DM_NAME'), uuid: of('DM_UUID'), vg_name, lv_name, lv_layer });
        }
        if (of('ID_ATA') === '') continue;
        const ata = [
          [writers.writeCache, of('ID_ATA_WRITE_CACHE')],
          [writers.writeCacheEnabled, of('ID_ATA_WRITE_CACHE_ENABLED')],
          [writers.rotation, of('ID_ATA_ROTATION_RATE_RPM')],
        ] as const;
        for (const [writer, value] of ata) {
          if (value === '') continue;
          const figure = run.attempt('udev', udevFile, () => amount({ fields: [value], at: udevFile }, 0));
          if (figure !== undefined) writer.set({ device }, figure);
        }
      }
      run.end(writers.skipped);
    },
  });
}

const isId = (field: string | undefined): field is string => field !== undefined && /^\d+$/.test(field);

/** What a line counts, as far as this kernel counts. */
function work(row: Row): (readonly [column: Column, count: number])[] {
  return columns.slice(0, row.fields.length - 3).map(([column, unit], i) => [column, unit(amount(row, i + 3))]);
}

/** udev's `E:` lines; empty where udev knows nothing. */
function propertiesOf(content = ''): Map<string, string> {
  return new Map([...content.matchAll(/^E:([^=\n]+)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]));
}
