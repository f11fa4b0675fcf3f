import { type Alert, type Counter, collector, counter, type Gauge, gauge, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { fieldAlerts } from '../fields/alerts.ts';
import { clients } from '../fields/clients.ts';
import type { Fields } from '../fields/field.ts';
import { memory } from '../fields/memory.ts';
import { modules } from '../fields/modules.ts';
import { persistence } from '../fields/persistence.ts';
import { replication } from '../fields/replication.ts';
import { server } from '../fields/server.ts';
import { stats } from '../fields/stats.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

const sections: readonly Fields[] = [server, clients, memory, persistence, stats, replication, modules];

/** Fields of INFO that are one number each. */
export function info(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const metrics: Record<string, Gauge<[value: number]> | Counter<[value: number]>> = {};
  const divisors = new Map<string, number>();
  const all = sections.flatMap(rows);
  const alerts = fieldAlerts((other) => declared(all.find(([, field]) => field === other)!, names));
  for (const row of all) {
    const [, field, [, , clean]] = row;
    metrics[field] = declared(row, names, alerts[field]);
    if (metrics[field].name === `redis_${clean?.name}`) divisors.set(field, clean?.divide ?? 1);
  }
  return collector({
    name: 'info',
    source: redis,
    metrics,
    collect(writers, { reading }) {
      // `forEach` makes no list of two for each field, as a loop over a map does.
      reading.info.fields.forEach((text, field) => {
        const writer = writers[field];
        const value = writer === undefined ? undefined : numberIn(text);
        if (value !== undefined) writer!.set(value / (divisors.get(field) ?? 1));
      });
    },
  });
}

type FieldRow = ReturnType<typeof rows>[number];

function declared(
  [usual, , [classic, help, clean]]: FieldRow,
  names: Names,
  alert?: Alert,
): Gauge<[value: number]> | Counter<[value: number]> {
  const kind = names === 'clean' ? (clean?.kind ?? usual) : usual;
  const declaration = { ...naming(names)(classic, clean?.name), help, ...(alert && { alert }) };
  return kind === 'counter' ? counter(declaration) : gauge(declaration);
}

function rows({ gauges = {}, counters = {} }: Fields) {
  return [
    ...Object.entries(gauges).map(([field, row]) => ['gauge', field, row] as const),
    ...Object.entries(counters).map(([field, row]) => ['counter', field, row] as const),
  ];
}

const words: { readonly [word: string]: number } = { ok: 1, true: 1, err: 0, fail: 0, false: 0 };

function numberIn(text: string): number | undefined {
  return Object.hasOwn(words, text) ? words[text] : parseNumber(text);
}
