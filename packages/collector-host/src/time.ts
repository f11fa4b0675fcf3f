import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Collector, collector, gauge, info } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { read } from './source.ts';
import { localZone } from './zone.ts';

/** {@link Paths}, and where the time comes from. */
export interface TimeOptions extends Paths {
  readonly now?: () => Date;
  /** Where the system keeps its time zones; default `/usr/share/zoneinfo`. */
  readonly zoneinfo?: string;
}

/** The clock, its time zone, and what the kernel takes the time from. */
export function time(options: TimeOptions = {}): Collector {
  const { sysfs = '/sys', zoneinfo = '/usr/share/zoneinfo', now = () => new Date() } = options;
  return collector({
    name: 'time',
    metrics: {
      seconds: gauge({ name: 'node_time_seconds', help: "This node's clock, in Unix time.", unit: 'seconds' }),
      offset: gauge({
        name: 'node_time_zone_offset_seconds',
        help: "How far east of UTC the node's time zone is.",
        unit: 'seconds',
        labels: ['time_zone'],
      }),
      available: info({
        name: 'node_time_clocksource_available_info',
        help: 'What the kernel could take the time from.',
        labels: ['device', 'clocksource'],
      }),
      current: info({
        name: 'node_time_clocksource_current_info',
        help: 'What the kernel takes the time from.',
        labels: ['device', 'clocksource'],
      }),
    },
    async collect({ seconds, offset, available, current }, { signal }) {
      const at = now();
      seconds.set(at.getTime() / 1000);
      const zone = await localZone(at, zoneinfo, signal);
      offset.set({ time_zone: zone.abbreviation }, zone.offsetSeconds);

      const devices = join(sysfs, 'devices/system/clocksource');
      const names = await readdir(devices).catch(() => []);
      for (const name of names.filter((n) => /^clocksource\d+$/.test(n)).sort()) {
        const device = name.slice('clocksource'.length);
        const words = async (file: string): Promise<string[]> =>
          (await read(devices, `${name}/${file}`, signal)).split(/\s+/).filter(Boolean);
        for (const clocksource of await words('available_clocksource')) available.set({ device, clocksource });
        for (const clocksource of await words('current_clocksource')) current.set({ device, clocksource });
      }
    },
  });
}
