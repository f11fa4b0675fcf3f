import {
  above,
  below,
  type Counter,
  collector,
  counter,
  type Gauge,
  gauge,
  type SourceCollector,
  unsupported,
} from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { parseInfo } from '../parse/info.ts';
import { textOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';

/** A node's view of its cluster, from CLUSTER INFO. */
export function cluster(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const counted = (direction: 'sent' | 'received') => {
    const help = `Messages of the cluster bus ${direction}.`;
    const named = name(`cluster_messages_${direction}_total`, `cluster_messages_${direction}_total`);
    return names === 'clean' ? counter({ ...named, help }) : gauge({ ...named, help });
  };
  return collector({
    name: 'cluster',
    source: redis,
    metrics: {
      cluster_state: gauge({
        ...name('cluster_state'),
        help: 'Whether the node can serve queries.',
        alert: {
          name: 'RedisClusterStateNotOk',
          when: below(1),
          severity: 'critical',
          summary: 'Cluster does not serve all queries.',
        },
      }),
      cluster_slots_assigned: gauge({ ...name('cluster_slots_assigned'), help: 'Slots assigned to a node.' }),
      cluster_slots_ok: gauge({ ...name('cluster_slots_ok'), help: 'Slots of nodes that are well.' }),
      cluster_slots_pfail: gauge({
        ...name('cluster_slots_pfail'),
        help: 'Slots of nodes that may have failed.',
        alert: { name: 'RedisClusterSlotPfail', when: above(0), summary: 'Nodes of the cluster may have failed.' },
      }),
      cluster_slots_fail: gauge({
        ...name('cluster_slots_fail'),
        help: 'Slots of nodes that have failed.',
        alert: {
          name: 'RedisClusterSlotFail',
          when: above(0),
          severity: 'critical',
          summary: 'Nodes of the cluster have failed.',
        },
      }),
      cluster_known_nodes: gauge({ ...name('cluster_known_nodes'), help: 'Nodes known.' }),
      cluster_size: gauge({ ...name('cluster_size'), help: 'Primaries that have slots.' }),
      cluster_current_epoch: gauge({ ...name('cluster_current_epoch'), help: 'Greatest epoch in the cluster.' }),
      cluster_my_epoch: gauge({ ...name('cluster_my_epoch'), help: 'Epoch of the node.' }),
      cluster_stats_messages_sent: counted('sent'),
      cluster_stats_messages_received: counted('received'),
    },
    // The types of messages, and fields of later versions, are the server's.
    families: 'dynamic',
    async collect({ family, ...writers }, { reading, client, signal }) {
      if (reading.info.fields.get('cluster_enabled') !== '1') unsupported('the server is not a node of a cluster');
      const reply = textOf(await client.command(['CLUSTER', 'INFO'], { signal, everyScrape: true }), 'CLUSTER INFO');
      for (const [field, text] of parseInfo(reply).fields) {
        const value = text === 'ok' ? 1 : text === 'fail' ? 0 : parseNumber(text);
        if (value === undefined || !field.startsWith('cluster_')) continue;
        const [, type, direction] = /^cluster_stats_messages_(.+)_(sent|received)$/.exec(field) ?? [];
        if (Object.hasOwn(writers, field)) writers[field as keyof typeof writers].set(value);
        else if (type !== undefined && names === 'clean') {
          const help = `Messages of the cluster bus of a type ${direction}.`;
          const named = name('', `cluster_typed_messages_${direction}_total`);
          family(counter({ ...named, help, labels: ['type'] })).set({ type }, value);
        } else family(otherField(field, names)).set(value);
      }
    },
  });
}

/** A family for any field, such as `cluster_stats_bytes_sent` of Valkey 9. */
function otherField(field: string, names: Names): Gauge<[value: number]> | Counter<[value: number]> {
  const plain = field.replace(/\W/g, '_');
  const help = `Field ${field} of CLUSTER INFO.`;
  const bytes = /^cluster_stats_(.*)bytes_(sent|received)$/.exec(plain);
  if (names === 'classic' || bytes === null) return gauge({ ...naming(names)(plain, plain), help });
  return counter({ ...naming(names)(`cluster_${bytes[1]}${bytes[2]}_bytes_total`), help });
}
