import { type Collector, collector, gauge } from 'exporter-kit';
import type { Paths } from './paths.ts';
import { amount, malformed, type Row, readRows } from './source.ts';

/** Every line of `/proc/meminfo`, in bytes where it has a unit. Which lines there are depends on the kernel. */
export function meminfo({ procfs = '/proc' }: Paths = {}): Collector {
  return collector({
    name: 'meminfo',
    families: 'dynamic',
    async collect({ family }, { signal }) {
      for (const row of await readRows(procfs, 'meminfo', signal)) {
        const { field, value, unit } = entry(row);
        const name = `node_memory_${field}${unit && `_${unit}`}`;
        const waive = 'meminfo names its fields in camelCase, and node_exporter keeps them.';
        const help = `Field ${row.fields[0]!.slice(0, -1)} of /proc/meminfo.`;
        family(gauge(unit ? { name, help, unit, waive } : { name, help, waive })).set(value);
      }
    },
  });
}

/** `Active(anon): 1544 kB` is field `Active_anon`, in bytes. */
function entry(row: Row): { field: string; value: number; unit: '' | 'bytes' } {
  const key = /^(\w+)(?:\((\w+)\))?:$/.exec(row.fields[0]!);
  const counted = row.fields.length === 2;
  if (key === null || !(counted || (row.fields.length === 3 && row.fields[2] === 'kB'))) {
    throw malformed(row, '"field: number" or "field: number kB"');
  }
  const field = key[2] === undefined ? key[1]! : `${key[1]}_${key[2]}`;
  const value = amount(row, 1);
  return counted ? { field, value, unit: '' } : { field, value: value * 1024, unit: 'bytes' };
}
