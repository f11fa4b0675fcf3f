import { type Collector, collector, untyped } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import type { Paths } from './paths.ts';
import { amount, malformed, readRows } from './source.ts';

/** The fields node_exporter takes by default: paging, swapping, page faults, and processes killed for want of memory. */
const wanted = '^(oom_kill|pgpg|pswp|pg.*fault).*';

/** Some fields of `/proc/vmstat`. The kernel doesn't say which of them only go up, so they are untyped. */
export function vmstat({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'vmstat',
    families: 'dynamic',
    config: z.object({ fields: regexp(wanted).describe('Fields of /proc/vmstat to serve.') }),
    async collect({ family }, { signal, config }) {
      for (const row of await readRows(procfs, 'vmstat', signal)) {
        const field = row.fields[0]!;
        if (row.fields.length !== 2 || !/^\w+$/.test(field)) throw malformed(row, '"field number"');
        const value = amount(row, 1);
        if (!config.fields.test(field)) continue;
        const waive = 'the kernel names these fields, and node_exporter keeps them.';
        family(untyped({ name: `node_vmstat_${field}`, help: `Field ${field} of /proc/vmstat.`, waive })).set(value);
      }
    },
  });
}
