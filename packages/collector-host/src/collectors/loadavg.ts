import { above, type Collector, collector, gauge } from 'exporter-kit';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, readRow } from '../source.ts';
import { cpuTime } from './cpu.ts';

/** The load averages of `/proc/loadavg`. */
export function loadavg({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('loadavg');
  return collector({
    name: 'loadavg',
    metrics: {
      load1: gauge({ name: 'node_load1', help: 'Load average over one minute.' }),
      load5: gauge({ name: 'node_load5', help: 'Load average over five minutes.' }),
      load15: gauge({
        name: 'node_load15',
        help: 'Load average over fifteen minutes.',
        alert: {
          name: 'LoadHigh',
          when: above(2, { of: cpuTime }),
          by: [],
          for: '15m',
          summary: 'Load is more than twice the number of CPUs.',
        },
      }),
      skipped: beside.skipped,
    },
    collect({ load1, load5, load15, skipped }, context) {
      const run = beside.begin(context);
      const row = readRow(procfs, 'loadavg');
      const columns = [load1, load5, load15].map((writer, column) => ({ ...row, key: String(column), writer, column }));
      const loads = run.lines('loadavg', columns, (one) => ({ ...one, load: amount(one, one.column) }));
      for (const { writer, load } of loads) writer.set(load);
      run.end(skipped);
    },
  });
}
