import { collector, gauge, info, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { textOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { orUnsupported } from './missing.ts';

const base = ['id', 'name'] as const;

/** By the field of CLIENT LIST: classic name, help, clean name. */
const figures = {
  omem: ['output_buffer_memory_usage_bytes', 'Memory used by the output buffer of a client.'],
  'tot-mem': ['total_memory_consumed_bytes', 'Memory used by a client.'],
  sub: ['channel_subscriptions_count', 'Channels a client has subscribed to.', 'channel_subscriptions'],
  psub: [
    'pattern_matching_subscriptions_count',
    'Patterns a client has subscribed to.',
    'pattern_matching_subscriptions',
  ],
  ssub: [
    'shard_channel_subscriptions_count',
    'Shard channels a client has subscribed to.',
    'shard_channel_subscriptions',
  ],
  watch: ['shard_channel_watched_keys', 'Keys a client watches.', 'watched_keys'],
  qbuf: ['query_buffer_length_bytes', 'Data in the query buffer of a client.'],
  'qbuf-free': ['query_buffer_free_space_bytes', 'Room in the query buffer of a client.'],
  obl: ['output_buffer_length_bytes', 'Data in the fixed output buffer of a client.'],
  oll: ['output_list_length', 'Replies waiting in the output list of a client.'],
} satisfies { readonly [field: string]: readonly [classic: string, help: string, clean?: string] };
type Figure = keyof typeof figures;

/** Each connection to the server, from CLIENT LIST: many series, so off unless asked for. */
export function clients(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const perClient = ([classic, help, clean = classic]: readonly [string, string, string?]) =>
    gauge({ ...name(`connected_client_${classic}`, `connected_client_${clean}`), help, labels: base });
  const perField = Object.fromEntries(
    Object.entries(figures).map(([field, figure]) => [field, perClient(figure)]),
  ) as Record<Figure, ReturnType<typeof perClient>>;
  const created = gauge({
    ...name('connected_client_created_at_timestamp', 'connected_client_connection_timestamp_seconds'),
    help: 'When a client connected, in Unix time.',
    labels: base,
  });
  const idle = gauge({
    ...name('connected_client_idle_since_timestamp', 'connected_client_last_command_timestamp_seconds'),
    help: 'When a client last sent a command, in Unix time.',
    labels: base,
  });
  const about = info({
    ...name('connected_client_info'),
    help: 'A connection to the server.',
    labels: [...base, 'flags', 'db', 'host', 'port', 'user', 'resp'],
  });
  return collector({
    name: 'clients',
    source: redis,
    enabled: false,
    config: z.object({
      port: z.boolean().default(false).describe("Whether the client's port is served: new series for each connection."),
    }),
    metrics: { about, created, idle, ...perField },
    async collect(writers, { client, signal, config }) {
      const now = Math.floor(Date.now() / 1000);
      const list = textOf(await orUnsupported(client.command(['CLIENT', 'LIST'], { signal })), 'CLIENT LIST');
      for (const line of list.split('\n')) {
        const fields = parseClient(line);
        if (fields === undefined) continue;
        const field = (key: string): string => fields.get(key) ?? '';
        const labels = { id: field('id'), name: field('name') };
        const [, host = '', port = ''] = /^(.*):(.*)$/.exec(field('addr')) ?? [];
        const [flags, db, user, resp] = [field('flags'), field('db'), field('user'), field('resp')];
        writers.about.set({ ...labels, flags, db, host, port: config.port ? port : '', user, resp });
        const [age, quiet] = [parseNumber(field('age')), parseNumber(field('idle'))];
        if (age !== undefined) writers.created.set(labels, now - age);
        if (quiet !== undefined) writers.idle.set(labels, now - quiet);
        for (const figure of Object.keys(figures) as Figure[]) {
          const value = parseNumber(fields.get(figure));
          if (value !== undefined) writers[figure].set(labels, value);
        }
      }
    },
  });
}

/** `id=3 addr=127.0.0.1:6379 name= …`; names have no spaces. */
function parseClient(line: string): ReadonlyMap<string, string> | undefined {
  if (!/^id=\d+ addr=\S/.test(line)) return undefined;
  return new Map(
    line.split(' ').map((part): [string, string] => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}
