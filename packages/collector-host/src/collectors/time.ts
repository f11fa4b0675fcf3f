import { join } from 'node:path';
import { type Collector, collector, gauge, info, olderThan } from 'exporter-kit';
import type { Paths } from '../paths.ts';
import { type SideRun, side } from '../side.ts';
import { localZone } from '../zone.ts';

/** {@link Paths}, and where the time comes from. */
export interface TimeOptions extends Paths {
  readonly now?: () => Date;
  /** Where the system keeps its time zones; default `/usr/share/zoneinfo`. */
  readonly zoneinfo?: string;
}

/** The clock, its time zone, and what the kernel takes the time from. */
export function time(options: TimeOptions = {}): Collector {
  const { sysfs = '/sys', zoneinfo = '/usr/share/zoneinfo', now = () => new Date() } = options;
  const beside = side('time');
  return collector({
    name: 'time',
    metrics: {
      seconds: gauge({
        name: 'node_time_seconds',
        help: 'System time, in Unix time.',
        unit: 'seconds',
        // More than a scrape may be old.
        alert: {
          name: 'ClockBehind',
          when: olderThan('6m'),
          for: '10m',
          summary: "Host's clock is behind Prometheus' clock.",
        },
      }),
      offset: gauge({
        name: 'node_time_zone_offset_seconds',
        help: "Offset of the system's time zone, east of UTC.",
        unit: 'seconds',
        labels: ['time_zone'],
      }),
      available: info({
        name: 'node_time_clocksource_available_info',
        help: 'Clock sources that are available.',
        labels: ['device', 'clocksource'],
      }),
      current: info({
        name: 'node_time_clocksource_current_info',
        help: 'The clock source in use.',
        labels: ['device', 'clocksource'],
      }),
      skipped: beside.skipped,
    },
    collect({ seconds, offset, available, current, skipped }, context) {
      const run = beside.begin(context);
      const at = now();
      seconds.set(at.getTime() / 1000);
      const zone = localZone(at, zoneinfo, run);
      offset.set({ time_zone: zone.abbreviation }, zone.offsetSeconds);

      const devices = join(sysfs, 'devices/system/clocksource');
      const names = run.names('clocksource', devices);
      for (const name of names.filter((n) => /^clocksource\d+$/.test(n)).sort()) {
        const device = name.slice('clocksource'.length);
        const words = (file: string): ReadonlySet<string> => wordsOf(run, join(devices, name, file));
        for (const clocksource of words('available_clocksource')) available.set({ device, clocksource });
        for (const clocksource of words('current_clocksource')) current.set({ device, clocksource });
      }
      run.end(skipped);
    },
  });
}

/** The names of clock sources in a file. */
function wordsOf(run: SideRun, file: string): ReadonlySet<string> {
  const content = run.bytes('clocksource', file);
  const words = content === undefined ? [] : content.toString('latin1').split(/\s+/).filter(Boolean);
  const odd = run.attempt('clocksource', file, () => {
    const word = words.find((one) => !/^[\w.:@-]+$/.test(one));
    if (word !== undefined)
      throw new Error(`${file}: ${JSON.stringify(word.slice(0, 80))} is not the name of a clock source.`);
    return new Set(words);
  });
  return odd ?? new Set();
}
