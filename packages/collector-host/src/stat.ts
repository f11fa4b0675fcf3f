import { type Collector, collector, counter, gauge } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { amount, readRows } from './source.ts';

/** Interrupts, context switches, forks, boot time and run queue, from `/proc/stat`. */
export function stat({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'stat',
    metrics: {
      intr: counter({ name: 'node_intr_total', help: 'Interrupts serviced.' }),
      ctxt: counter({ name: 'node_context_switches_total', help: 'Context switches.' }),
      processes: counter({ name: 'node_forks_total', help: 'Processes and threads created.' }),
      btime: gauge({ name: 'node_boot_time_seconds', help: 'When the node booted, in Unix time.', unit: 'seconds' }),
      procs_running: gauge({ name: 'node_procs_running', help: 'Processes that run or could run.' }),
      procs_blocked: gauge({ name: 'node_procs_blocked', help: 'Processes that wait for I/O.' }),
    },
    async collect(writers, { signal }) {
      for (const row of await readRows(procfs, 'stat', signal)) {
        // Each key above is the first word of its line.
        const key = row.fields[0]!;
        if (Object.hasOwn(writers, key)) writers[key as keyof typeof writers].set(amount(row, 1));
      }
    },
  });
}
