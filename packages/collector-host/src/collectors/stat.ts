import { type Collector, collector, counter, gauge } from 'exporter-kit';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, readRows } from '../source.ts';

const figures = {
  intr: counter({ name: 'node_intr_total', help: 'Interrupts serviced.' }),
  ctxt: counter({ name: 'node_context_switches_total', help: 'Context switches.' }),
  processes: counter({ name: 'node_forks_total', help: 'Processes and threads created.' }),
  btime: gauge({ name: 'node_boot_time_seconds', help: 'Boot time, in Unix time.', unit: 'seconds' }),
  procs_running: gauge({ name: 'node_procs_running', help: 'Processes that are running or runnable.' }),
  procs_blocked: gauge({ name: 'node_procs_blocked', help: 'Processes that are blocked on I/O.' }),
};

/** Interrupts, context switches, forks, boot time and run queue, from `/proc/stat`. */
export function stat({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('stat');
  return collector({
    name: 'stat',
    metrics: { ...figures, skipped: beside.skipped },
    collect({ skipped, ...writers }, context) {
      const run = beside.begin(context);
      const found = run.lines('stat', readRows(procfs, 'stat'), (row) => {
        // Each key of the figures is the first word of its line.
        const key = row.fields[0]!;
        if (!Object.hasOwn(figures, key)) return undefined;
        return { key: key as keyof typeof figures, value: amount(row, 1) };
      });
      for (const { key, value } of found) writers[key].set(value);
      run.end(skipped);
    },
  });
}
