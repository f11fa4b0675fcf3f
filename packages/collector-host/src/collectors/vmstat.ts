import { type Collector, collector, untyped } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, malformed, readRows } from '../source.ts';

/** The fields node_exporter takes by default: paging, swapping, page faults, and OOM kills. */
const wanted = '^(oom_kill|pgpg|pswp|pg.*fault).*';

/** Some fields of `/proc/vmstat`. The kernel doesn't say which of them only go up, so they are untyped. */
export function vmstat({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('vmstat');
  return collector({
    name: 'vmstat',
    families: 'dynamic',
    metrics: { skipped: beside.skipped },
    config: z.object({ fields: regexp(wanted).describe('Fields of /proc/vmstat to serve.') }),
    async collect({ family, skipped }, context) {
      const run = beside.begin(context);
      const found = run.lines('vmstat', await readRows(procfs, 'vmstat', context.signal), (row) => {
        const field = row.fields[0]!;
        if (!context.config.fields.test(field)) return undefined;
        if (row.fields.length !== 2 || !/^\w+$/.test(field)) throw malformed(row, '"field number"');
        return { key: field, value: amount(row, 1) };
      });
      for (const { key, value } of found) {
        const waive = 'the kernel names these fields, and node_exporter keeps them.';
        family(untyped({ name: `node_vmstat_${key}`, help: `Field ${key} of /proc/vmstat.`, waive })).set(value);
      }
      run.end(skipped);
    },
  });
}
