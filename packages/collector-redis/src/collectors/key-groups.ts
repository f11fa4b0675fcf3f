import { collector, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient } from '../client/client.ts';
import { databasesOf } from '../keys/databases.ts';
import { type KeyGroup, keyGroupsOf, largest } from '../keys/key-group-scan.ts';
import { batchSize } from '../keys/key-settings.ts';
import { type Names, naming } from '../names.ts';
import { type Reading, redis } from '../source.ts';

/**
 * Number and memory of keys by groups, which patterns make of their names: Lua patterns, whose captures are the group.
 * It goes through all keys, so off unless there are patterns, and has until the end of the scrape.
 */
export function keyGroups(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const milliseconds = names === 'clean' ? 1000 : 1;
  const labels = ['db', 'key_group'] as const;
  return collector({
    name: 'key_groups',
    source: redis,
    config: z.object({
      pattern: z
        .array(z.string().min(1))
        .default([])
        .describe('Lua pattern whose captures are the group, such as ^(%w+):.'),
      maxGroups: z.number().int().min(1).default(100).describe('Groups served of a database, those with most memory.'),
      batchSize: batchSize(),
    }),
    metrics: {
      count: gauge({ ...name('key_group_count', 'key_group_keys'), help: 'Keys of a group.', labels }),
      memory: gauge({ ...name('key_group_memory_usage_bytes'), help: 'Memory used by the keys of a group.', labels }),
      groups: gauge({ ...name('number_of_distinct_key_groups'), help: 'Groups of keys.', labels: ['db'] }),
      duration: gauge({
        ...name('last_key_groups_scrape_duration_milliseconds', 'last_key_groups_scrape_duration_seconds'),
        help: 'How long it took to go through all keys.',
      }),
    },
    async collect({ count, memory, groups, duration }, { reading, client, signal, config }) {
      const start = performance.now();
      if (config.pattern.length > 0) {
        const withKeys = new Set(reading.info.section('keyspace').map(([db]) => db));
        const databases = await databasesOf(reading.info, client, signal);
        for (let database = 0; database < databases; database++) {
          const db = `db${database}`;
          const found = withKeys.has(db) ? await keyGroupsOf({ client, signal, database, ...config }) : [];
          groups.set({ db }, found.length);
          const write = ({ group: key_group, keys, bytes }: KeyGroup): void => {
            count.set({ db, key_group }, keys);
            memory.set({ db, key_group }, bytes);
          };
          largest(found, config.maxGroups).forEach(write);
        }
      }
      duration.set(Math.round(performance.now() - start) / milliseconds);
    },
  });
}
