import { below, collector, gauge, info, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

/** A replica's view of its primaries, and a primary's view of its replicas. */
export function replicas(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const master = ['master_host', 'master_port'] as const;
  const slave = ['slave_ip', 'slave_port', 'slave_state'] as const;
  return collector({
    name: 'replicas',
    source: redis,
    metrics: {
      role: info({ ...name('slave_info'), help: 'A replica and its primary.', labels: [...master, 'read_only'] }),
      up: gauge({
        ...name('master_link_up'),
        help: 'Whether the link to the primary is up.',
        labels: master,
        alert: { name: 'RedisPrimaryLinkDown', when: below(1), summary: 'Replica has lost its primary.' },
      }),
      down: gauge({
        ...name('master_link_down_since_seconds'),
        help: 'Time since the link to the primary went down.',
        labels: master,
      }),
      io: gauge({
        ...name('master_last_io_seconds_ago', 'master_last_io_age_seconds'),
        help: 'Time since the last data from the primary, in seconds; -1 while the link is down.',
        labels: master,
      }),
      sync: gauge({
        ...name('master_sync_in_progress'),
        help: 'Whether the primary is syncing to this replica.',
        labels: master,
      }),
      own: gauge({ ...name('slave_repl_offset'), help: 'Replication offset of this replica.', labels: master }),
      offset: gauge({
        ...name('connected_slave_offset_bytes'),
        help: 'Replication offset of a connected replica.',
        labels: slave,
      }),
      lag: gauge({
        ...name('connected_slave_lag_seconds'),
        help: 'Time since a connected replica last acknowledged data.',
        labels: slave,
      }),
    },
    collect(writers, { reading }) {
      // In the order of the lines: KeyDB writes host and port of each primary before what is known of it.
      let [master_host, master_port] = ['', ''];
      for (const [field, value] of reading.info.section('replication')) {
        const plain = field.replace(/^master_\d+_/, 'master_');
        if (plain === 'master_host') master_host = value;
        if (plain === 'master_port') master_port = value;
        const labels = { master_host, master_port };
        if (plain === 'master_link_status') writers.up.set(labels, value === 'up' ? 1 : 0);
        const writer = writers[ofMaster[plain]!];
        const number = parseNumber(value);
        if (writer !== undefined && number !== undefined) writer.set(labels, number);
        if (/^slave\d+$/.test(field)) connected(parseFields(value), writers);
      }
      const { fields } = reading.info;
      if (fields.get('role') !== 'slave') return;
      writers.role.set({
        master_host: fields.get('master_host') ?? '',
        master_port: fields.get('master_port') ?? '',
        read_only: fields.get('slave_read_only') ?? '',
      });
    },
  });
}

const ofMaster: { readonly [field: string]: 'down' | 'io' | 'sync' | 'own' } = {
  master_link_down_since_seconds: 'down',
  master_last_io_seconds_ago: 'io',
  master_sync_in_progress: 'sync',
  slave_repl_offset: 'own',
};

type SlaveLabels = { readonly slave_ip: string; readonly slave_port: string; readonly slave_state: string };
interface SlaveWriter {
  set(labels: SlaveLabels, value: number): void;
}

function connected(
  fields: ReadonlyMap<string, string>,
  { offset, lag }: { readonly offset: SlaveWriter; readonly lag: SlaveWriter },
): void {
  const bytes = parseNumber(fields.get('offset'));
  const seconds = parseNumber(fields.get('lag'));
  const labels = {
    slave_ip: fields.get('ip') ?? '',
    slave_port: fields.get('port') ?? '',
    slave_state: fields.get('state') ?? '',
  };
  if (bytes !== undefined) offset.set(labels, bytes);
  if (seconds !== undefined && seconds > -1) lag.set(labels, seconds);
}
