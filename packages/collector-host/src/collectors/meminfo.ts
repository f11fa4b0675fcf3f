import { below, type Collector, collector, type Gauge, gauge } from 'exporter-kit';
import { declaredBefore } from '../declared-before.ts';
import type { Paths } from '../paths.ts';
import { side } from '../side.ts';
import { amount, malformed, type Row, readRows } from '../source.ts';

const waive = 'meminfo names its fields in camelCase, and node_exporter keeps them.';

const declared = (field: string, name: string, unit: Entry['unit']): Gauge<[value: number]> => {
  const help = `Field ${field} of /proc/meminfo.`;
  return gauge(unit === '' ? { name, help, waive } : { name, help, unit, waive });
};

const MemTotal = declared('MemTotal', 'node_memory_MemTotal_bytes', 'bytes');

/** Declared for their alert. */
const inEveryKernel = {
  MemTotal,
  MemAvailable: gauge({
    name: 'node_memory_MemAvailable_bytes',
    help: 'Field MemAvailable of /proc/meminfo.',
    unit: 'bytes',
    waive,
    alert: {
      name: 'MemoryAlmostUsedUp',
      when: below(0.1, { of: MemTotal }),
      for: '15m',
      summary: 'Host has little memory left.',
    },
  }),
};

/** Every line of `/proc/meminfo`, in bytes where it has a unit. Which lines there are depends on the kernel. */
export function meminfo({ procfs = '/proc' }: Paths = {}): Collector {
  const beside = side('meminfo');
  const fields = declaredBefore<Gauge<[value: number]>>();
  return collector({
    name: 'meminfo',
    families: 'dynamic',
    metrics: { ...inEveryKernel, skipped: beside.skipped },
    collect({ family, skipped, ...known }, context) {
      const run = beside.begin(context);
      const once = fields();
      const found = run.lines('meminfo', readRows(procfs, 'meminfo'), (row) => {
        const { field, name, value, unit } = entry(row);
        return { key: name, field, unit, value };
      });
      for (const { field, key: name, unit, value } of found) {
        const writer = Object.hasOwn(known, field)
          ? known[field as keyof typeof known]
          : family(once(`${field} ${unit}`, () => declared(field, name, unit)));
        writer.set(value);
      }
      run.end(skipped);
    },
  });
}

interface Entry {
  readonly field: string;
  readonly name: string;
  readonly value: number;
  readonly unit: '' | 'bytes';
}

/** `Active(anon): 1544 kB` is `node_memory_Active_anon_bytes`. What separates is the colon: a blank may lack behind it. */
function entry(row: Row): Entry {
  const match = /^((\w+)(?:\((\w+)\))?): ?(\S+)( kB)?$/.exec(row.fields.join(' '));
  if (match === null) throw malformed(row, '"field: number" or "field: number kB"');
  const [, field, base, part, digits, kilobytes] = match;
  const value = amount({ fields: [field!, digits!], at: row.at }, 1);
  const name = `node_memory_${base}${part === undefined ? '' : `_${part}`}`;
  if (kilobytes === undefined) return { field: field!, name, value, unit: '' };
  return { field: field!, name: `${name}_bytes`, value: value * 1024, unit: 'bytes' };
}
