import { collector, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient } from '../client/client.ts';
import { keyFacts } from '../keys/key-facts.ts';
import { batchSize, keyPatterns } from '../keys/key-settings.ts';
import { dbOf, expand, isElsewhere, type Key, literally, scan } from '../keys/scan.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { type Reading, redis } from '../source.ts';

/**
 * Size, memory and value of chosen keys, and counts of keys. It has until the end of the scrape: what is not read by then
 * is not served in part, and nothing goes on.
 */
export function keys(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const labels = ['db', 'key'] as const;
  return collector({
    name: 'keys',
    source: redis,
    config: z.object({
      match: keyPatterns('Pattern of keys to look at, such as db0=user:*; found with SCAN.'),
      single: keyPatterns('Key to look at, such as db0=queue.'),
      count: keyPatterns('Pattern of keys to count, such as db0=session:*; found with SCAN.'),
      values: z.boolean().default(true).describe('Whether values of strings up to 1 KiB are served.'),
      skipPrimary: z.boolean().default(false).describe('Whether keys are left alone where the server is a primary.'),
      batchSize: batchSize(),
    }),
    metrics: {
      size: gauge({ ...name('key_size'), help: 'Length of a key, or number of its elements.', labels }),
      memory: gauge({ ...name('key_memory_usage_bytes'), help: 'Memory used by a key.', labels }),
      value: gauge({ ...name('key_value'), help: 'Value of a key that is a number.', labels }),
      text: gauge({
        ...name('key_value_as_string'),
        help: 'Value of a key that is a text.',
        labels: [...labels, 'val'],
      }),
      count: gauge({ ...name('keys_count', 'matching_keys'), help: 'Keys that match a pattern.', labels }),
    },
    async collect(writers, { reading, client, signal, config }) {
      if (config.skipPrimary && reading.info.fields.get('role') === 'master') return;
      const options = { client, signal, batchSize: config.batchSize };

      async function look(one: Key): Promise<void> {
        const ask = (...words: string[]) => client.command(words, { signal, database: one.database });
        const facts = await keyFacts(ask, one.key).catch((error: unknown) => {
          if (isElsewhere(error)) return undefined;
          throw error;
        });
        if (facts === undefined) return;
        const at = { db: dbOf(one), key: one.key };
        if (facts.bytes !== undefined) writers.memory.set(at, facts.bytes);
        if (facts.size !== undefined) writers.size.set(at, facts.size);
        if (!config.values || facts.value === undefined || facts.value === '') return;
        const number = parseNumber(facts.value);
        if (number !== undefined) writers.value.set(at, number);
        else writers.text.set({ ...at, val: facts.value }, 1);
      }

      const single = config.single.map(literally);
      const chosen = new Set(single.map((one) => `${one.database}=${one.key}`));
      await Promise.all(single.map(look));
      for await (const batch of expand(config.match, options)) {
        await Promise.all(batch.filter((one) => !chosen.has(`${one.database}=${one.key}`)).map(look));
      }
      for (const one of config.count) {
        const found = new Set<string>();
        for await (const batch of scan(one, options)) for (const key of batch) found.add(key);
        writers.count.set({ db: dbOf(one), key: one.pattern }, found.size);
      }
    },
  });
}
