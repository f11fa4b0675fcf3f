import { collector, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient } from '../client/client.ts';
import { databasesOf } from '../keys/databases.ts';
import { type Names, naming } from '../names.ts';
import { parseFields, parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

/** Keys of each database. */
export function keyspace(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const labels = ['db'] as const;
  return collector({
    name: 'keyspace',
    source: redis,
    config: z.object({
      emptyDatabases: z.boolean().default(true).describe('Whether databases without keys are served, as 0.'),
    }),
    metrics: {
      keys: gauge({ ...name('db_keys'), help: 'Keys of a database.', labels }),
      expires: gauge({ ...name('db_keys_expiring'), help: 'Keys of a database that expire.', labels }),
      cached: gauge({ ...name('db_keys_cached'), help: 'Cached keys of a database.', labels }),
      fields: gauge({
        ...name('db_keys_with_expiring_fields'),
        help: 'Hashes of a database that have fields that expire.',
        labels,
      }),
      ttl: gauge({ ...name('db_avg_ttl_seconds'), help: 'Average time that expiring keys have left.', labels }),
    },
    async collect({ keys, expires, cached, fields: expiring, ttl }, { reading, client, signal, config }) {
      const seen = new Set<string>();
      for (const [db, value] of reading.info.section('keyspace')) {
        const fields = parseFields(value);
        const [all, mortal] = [parseNumber(fields.get('keys')), parseNumber(fields.get('expires'))];
        if (all === undefined || mortal === undefined) continue;
        seen.add(db);
        keys.set({ db }, all);
        expires.set({ db }, mortal);
        const average = parseNumber(fields.get('avg_ttl'));
        if (average !== undefined) ttl.set({ db }, average / 1000);
        const cachedKeys = parseNumber(fields.get('cached_keys'));
        if (cachedKeys !== undefined) cached.set({ db }, cachedKeys);
        // Redis and Valkey.
        const some = parseNumber(fields.get('subexpiry') ?? fields.get('keys_with_volatile_items'));
        if (some !== undefined) expiring.set({ db }, some);
      }
      if (!config.emptyDatabases) return;
      const databases = await databasesOf(reading.info, client, signal);
      for (let i = 0; i < databases; i++) {
        if (seen.has(`db${i}`)) continue;
        keys.set({ db: `db${i}` }, 0);
        expires.set({ db: `db${i}` }, 0);
      }
    },
  });
}
