import { collector, counter, gauge, info, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

const facts = [
  'role',
  'redis_version',
  'redis_build_id',
  'redis_mode',
  'os',
  'maxmemory_policy',
  'tcp_port',
  'run_id',
  'process_id',
  'master_replid',
  'valkey_version',
  'valkey_release_stage',
] as const;
const moduleFacts = ['name', 'ver', 'api', 'filters', 'usedby', 'using'] as const;

/** What the server is: versions, role, start, threads, modules. */
export function instance(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  return collector({
    name: 'instance',
    source: redis,
    metrics: {
      instance: info({ ...name('instance_info'), help: 'What the server is.', labels: facts }),
      module: info({ ...name('module_info'), help: 'A loaded module.', labels: moduleFacts }),
      start: gauge({ ...name('start_time_seconds'), help: 'When the server started, in Unix time.' }),
      connect: gauge({
        ...name('exporter_last_scrape_connect_time_seconds'),
        help: 'How long it took to open the connection that is used.',
      }),
      active: counter({
        ...name('active_time_io_thread_seconds_total'),
        help: 'Busy time of an I/O thread.',
        labels: ['thread'],
      }),
      clients: gauge({ ...name('io_thread_clients'), help: 'Clients of an I/O thread.', labels: ['thread'] }),
      reads: counter({ ...name('io_thread_reads_total'), help: 'Reads by an I/O thread.', labels: ['thread'] }),
      writes: counter({ ...name('io_thread_writes_total'), help: 'Writes by an I/O thread.', labels: ['thread'] }),
    },
    collect(writers, { reading, client }) {
      const { fields } = reading.info;
      writers.instance.set(labelsOf(facts, fields));
      writers.connect.set(client.connectSeconds);
      const uptime = parseNumber(fields.get('uptime_in_seconds'));
      const now = parseNumber(fields.get('server_time_usec')) ?? Date.now() * 1000;
      if (uptime !== undefined) writers.start.set(Math.floor(now / 1e6) - uptime);
      for (const [field, value] of reading.info.section('modules')) {
        if (field === 'module') writers.module.set(labelsOf(moduleFacts, parseFields(value)));
      }
      // `forEach` makes no list of two for each field, as a loop over a map does.
      fields.forEach((value, field) => {
        if (!field.includes('io_thread_')) return;
        const [, active, thread = active] = /^(?:used_active_time_io_thread_(\d+)|io_thread_(\d+))$/.exec(field) ?? [];
        if (thread === undefined) return;
        const counts = parseFields(active === undefined ? value : `active=${value}`);
        for (const key of ['active', 'clients', 'reads', 'writes'] as const) {
          const count = parseNumber(counts.get(key));
          if (count !== undefined) writers[key].set({ thread }, count);
        }
      });
    },
  });
}

function labelsOf<L extends string>(labels: readonly L[], from: ReadonlyMap<string, string>): Record<L, string> {
  return Object.fromEntries(labels.map((label) => [label, from.get(label) ?? ''])) as Record<L, string>;
}
