import { type Collector, collector, type Untyped, untyped } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { regexp } from 'exporter-kit/regexp';
import { declaredBefore } from '../declared-before.ts';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, malformed, readRows } from '../source.ts';

/** The fields node_exporter takes by default: paging, swapping, page faults, and OOM kills. */
const wanted = '^(oom_kill|pgpg|pswp|pg.*fault).*';

/** Some fields of `/proc/vmstat`. The kernel doesn't say which of them only go up, so they are untyped. */
export function vmstat({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('vmstat');
  const fields = declaredBefore<Untyped<[value: number]>>();
  return collector({
    name: 'vmstat',
    families: 'dynamic',
    metrics: { skipped: beside.skipped },
    config: z.object({ fields: regexp(wanted).describe('Fields of /proc/vmstat to serve.') }),
    collect({ family, skipped }, context) {
      const run = beside.begin(context);
      const once = fields();
      const found = run.lines('vmstat', readRows(procfs, 'vmstat'), (row) => {
        const field = row.fields[0]!;
        if (!context.config.fields.test(field)) return undefined;
        if (row.fields.length !== 2 || !/^\w+$/.test(field)) throw malformed(row, '"field number"');
        return { key: field, value: amount(row, 1) };
      });
      for (const { key, value } of found) family(once(key, () => declared(key))).set(value);
      run.end(skipped);
    },
  });
}

function declared(field: string): Untyped<[value: number]> {
  const waive = 'the kernel names these fields, and node_exporter keeps them.';
  return untyped({ name: `node_vmstat_${field}`, help: `Field ${field} of /proc/vmstat.`, waive });
}
