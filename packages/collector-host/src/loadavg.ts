import { type Collector, collector, gauge } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { amount, readRow } from './source.ts';

/** The load averages of `/proc/loadavg`. */
export function loadavg({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'loadavg',
    metrics: {
      load1: gauge({ name: 'node_load1', help: 'Load, averaged over one minute.' }),
      load5: gauge({ name: 'node_load5', help: 'Load, averaged over five minutes.' }),
      load15: gauge({ name: 'node_load15', help: 'Load, averaged over fifteen minutes.' }),
    },
    async collect({ load1, load5, load15 }, { signal }) {
      const row = await readRow(procfs, 'loadavg', signal);
      load1.set(amount(row, 0));
      load5.set(amount(row, 1));
      load15.set(amount(row, 2));
    },
  });
}
