import { collector, counter, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient, Reply } from '../client/client.ts';
import { batchSize, keyPatterns } from '../keys/key-settings.ts';
import { dbOf, expand, isElsewhere, type Key, literally } from '../keys/scan.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { listOf, mapOf, textOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';

/** Length, groups and consumers of chosen streams. */
export function streams(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  // Until the first `-`, the ID of an entry is the time it was added, in milliseconds.
  const milliseconds = names === 'clean' ? 1000 : 1;
  const unit = names === 'clean' ? 'in Unix time' : 'in milliseconds since 1970';
  const stream = ['db', 'stream'] as const;
  const group = [...stream, 'group'] as const;
  const consumer = [...group, 'consumer'] as const;
  const id = (field: string, help: string) =>
    ({ ...name(`${field}_id`, `${field}_timestamp_seconds`), help: `${help}, ${unit}.` }) as const;
  return collector({
    name: 'streams',
    source: redis,
    config: z.object({
      match: keyPatterns('Pattern of streams to look at, such as db0=events:*; found with SCAN.'),
      single: keyPatterns('Stream to look at, such as db0=events.'),
      consumers: z.boolean().default(true).describe('Whether each consumer of a group is served.'),
      batchSize: batchSize(),
    }),
    metrics: {
      length: gauge({ ...name('stream_length'), help: 'Entries of a stream.', labels: stream }),
      keys: gauge({ ...name('stream_radix_tree_keys'), help: 'Keys of the radix tree of a stream.', labels: stream }),
      nodes: gauge({
        ...name('stream_radix_tree_nodes'),
        help: 'Nodes of the radix tree of a stream.',
        labels: stream,
      }),
      groups: gauge({ ...name('stream_groups'), help: 'Groups of a stream.', labels: stream }),
      added: counter({ ...name('stream_entries_added_total'), help: 'Entries added to a stream.', labels: stream }),
      generated: gauge({ ...id('stream_last_generated', 'When the last ID was made'), labels: stream }),
      deleted: gauge({ ...id('stream_max_deleted_entry', 'When the last deleted entry was added'), labels: stream }),
      first: gauge({ ...id('stream_first_entry', 'When the first entry was added'), labels: stream }),
      last: gauge({ ...id('stream_last_entry', 'When the last entry was added'), labels: stream }),
      consumers: gauge({ ...name('stream_group_consumers'), help: 'Consumers of a group.', labels: group }),
      pending: gauge({
        ...name('stream_group_messages_pending'),
        help: 'Entries that a group has received and not acknowledged.',
        labels: group,
      }),
      delivered: gauge({
        ...id('stream_group_last_delivered', 'When the last entry that the group received was added'),
        labels: group,
      }),
      read: gauge({ ...name('stream_group_entries_read'), help: 'Entries that a group has read.', labels: group }),
      lag: gauge({ ...name('stream_group_lag'), help: 'Entries that a group has not received yet.', labels: group }),
      consumerPending: gauge({
        ...name('stream_group_consumer_messages_pending'),
        help: 'Entries that a consumer has received and not acknowledged.',
        labels: consumer,
      }),
      idle: gauge({
        ...name('stream_group_consumer_idle_seconds'),
        help: 'Time since a consumer last tried to read.',
        labels: consumer,
      }),
    },
    async collect(writers, { client, signal, config }) {
      async function look(one: Key): Promise<void> {
        const ask = (...words: string[]) => client.command(words, { signal, database: one.database });
        const labels = { db: dbOf(one), stream: one.key };
        // Each of the three would be an error for a key that is no stream.
        if ((await ask('TYPE', one.key)) !== 'stream') return;
        const info = mapOf(await ask('XINFO', 'STREAM', one.key), 'XINFO STREAM');
        each(info, labels, [
          [writers.length, 'length'],
          [writers.keys, 'radix-tree-keys'],
          [writers.nodes, 'radix-tree-nodes'],
          [writers.groups, 'groups'],
          [writers.added, 'entries-added'],
        ]);
        writers.generated.set(labels, timeOf(info.get('last-generated-id')) / milliseconds);
        writers.deleted.set(labels, timeOf(info.get('max-deleted-entry-id')) / milliseconds);
        writers.first.set(labels, timeOf(entryId(info.get('first-entry'))) / milliseconds);
        writers.last.set(labels, timeOf(entryId(info.get('last-entry'))) / milliseconds);
        for (const reply of listOf(await ask('XINFO', 'GROUPS', one.key), 'XINFO GROUPS')) {
          const about = mapOf(reply, 'XINFO GROUPS');
          const groupLabels = { ...labels, group: textOf(about.get('name') ?? null, 'XINFO GROUPS') };
          each(about, groupLabels, [
            [writers.consumers, 'consumers'],
            [writers.pending, 'pending'],
            [writers.read, 'entries-read'],
            [writers.lag, 'lag'],
          ]);
          writers.delivered.set(groupLabels, timeOf(about.get('last-delivered-id')) / milliseconds);
          if (!config.consumers) continue;
          const consumersReply = await ask('XINFO', 'CONSUMERS', one.key, groupLabels.group);
          for (const own of listOf(consumersReply, 'XINFO CONSUMERS')) {
            const facts = mapOf(own, 'XINFO CONSUMERS');
            const own_ = { ...groupLabels, consumer: textOf(facts.get('name') ?? null, 'XINFO CONSUMERS') };
            each(facts, own_, [[writers.consumerPending, 'pending']]);
            each(facts, own_, [[writers.idle, 'idle']], 1000);
          }
        }
      }

      const lookAll = (batch: readonly Key[]) =>
        Promise.all(
          batch.map((one) => look(one).catch((error) => (isElsewhere(error) ? undefined : Promise.reject(error)))),
        );
      const single = config.single.map(literally);
      await lookAll(single);
      const chosen = new Set(single.map((one) => `${one.database}=${one.key}`));
      for await (const batch of expand(config.match, { client, signal, batchSize: config.batchSize })) {
        await lookAll(batch.filter((one) => !chosen.has(`${one.database}=${one.key}`)));
      }
    },
  });
}

interface LabelledWriter<L> {
  set(labels: L, value: number): void;
}

/** Writes the fields that are numbers; the server writes nil for what it does not know, such as the lag after a deletion. */
function each<L>(
  from: ReadonlyMap<string, Reply>,
  labels: L,
  fields: readonly (readonly [LabelledWriter<L>, string])[],
  divisor = 1,
): void {
  for (const [writer, field] of fields) {
    const value = from.get(field);
    if (typeof value === 'number') writer.set(labels, value / divisor);
  }
}

const entryId = (entry: Reply | undefined): Reply => (Array.isArray(entry) ? (entry[0] ?? null) : null);

/** `1690000000000-0`; 0 for no ID. */
function timeOf(id: Reply | undefined): number {
  return typeof id === 'string' ? (parseNumber(id.split('-')[0]) ?? 0) : 0;
}
