import { collector, gauge, type SourceCollector } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import type { RedisClient, Reply } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { parseNumber } from '../parse/fields.ts';
import { textMapOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { needs, orUnsupported, versionOf } from './missing.ts';
import { isSecret } from './secrets.ts';

/** Settings of the server, from CONFIG GET. */
export function config(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const microseconds = names === 'clean' ? 1e6 : 1;
  const limits = ['class', 'limit'] as const;
  const numbers = {
    'io-threads': gauge({ ...name('config_io_threads'), help: 'Configured I/O threads.' }),
    maxclients: gauge({ ...name('config_maxclients'), help: 'Configured limit on client connections.' }),
    maxmemory: gauge({
      ...name('config_maxmemory', 'config_maxmemory_bytes'),
      help: 'Configured limit on memory, in bytes; 0 for none.',
    }),
    'repl-backlog-size': gauge({
      ...name('config_repl_backlog_size', 'config_repl_backlog_bytes'),
      help: 'Configured size of the replication backlog, in bytes.',
    }),
    // Valkey 8.1
    'commandlog-execution-slower-than': gauge({
      ...name('commandlog_execution_slower_than', 'commandlog_execution_slower_than_seconds'),
      help: 'Commands that take longer are logged.',
    }),
    'commandlog-slow-execution-max-len': gauge({
      ...name('commandlog_slow_execution_max_len'),
      help: 'Limit on entries of the log of slow commands.',
    }),
    'commandlog-request-larger-than': gauge({
      ...name('commandlog_request_larger_than', 'commandlog_request_larger_than_bytes'),
      help: 'Larger requests are logged.',
    }),
    'commandlog-large-request-max-len': gauge({
      ...name('commandlog_large_request_max_len'),
      help: 'Limit on entries of the log of large requests.',
    }),
    'commandlog-reply-larger-than': gauge({
      ...name('commandlog_reply_larger_than', 'commandlog_reply_larger_than_bytes'),
      help: 'Larger replies are logged.',
    }),
    'commandlog-large-reply-max-len': gauge({
      ...name('commandlog_large_reply_max_len'),
      help: 'Limit on entries of the log of large replies.',
    }),
  };
  return collector({
    name: 'config',
    source: redis,
    config: z.object({
      values: z.boolean().default(false).describe('Whether all settings are served; never passwords.'),
    }),
    metrics: {
      ...numbers,
      buffer: gauge({
        ...name('config_client_output_buffer_limit_bytes'),
        help: 'Limit on the output buffer of a class of clients.',
        labels: limits,
      }),
      overcome: gauge({
        ...name('config_client_output_buffer_limit_overcome_seconds'),
        help: 'How long clients of a class may be over the soft limit.',
        labels: limits,
      }),
      text: gauge({ ...name('config_key_value'), help: 'A setting of the server, as text.', labels: ['key', 'value'] }),
      number: gauge({ ...name('config_value'), help: 'A setting of the server, as a number.', labels: ['key'] }),
    },
    async collect(writers, { reading, client, signal, config: { values } }) {
      needs(reading.info);
      if (versionOf(reading.info, 'redis') < 7) takesOnePattern.add(client);
      const wanted = values ? ['*'] : [...Object.keys(numbers), BUFFER_LIMIT];
      const reply = await orUnsupported(settingsOf(wanted, client, signal));
      textMapOf(reply, 'CONFIG GET').forEach((value, key) => {
        const number = parseNumber(value);
        if (number !== undefined && Object.hasOwn(numbers, key)) {
          const divisor = key === 'commandlog-execution-slower-than' ? microseconds : 1;
          writers[key as keyof typeof numbers].set(number / divisor);
        }
        if (key === BUFFER_LIMIT) {
          for (const [name_, hard, soft, seconds] of quadruples(value)) {
            if (hard !== undefined) writers.buffer.set({ class: name_, limit: 'hard' }, hard);
            if (soft !== undefined) writers.buffer.set({ class: name_, limit: 'soft' }, soft);
            if (seconds !== undefined) writers.overcome.set({ class: name_, limit: 'soft' }, seconds);
          }
        }
        if (!values || isSecret(key)) return;
        writers.text.set({ key, value }, 1);
        if (number !== undefined) writers.number.set({ key }, number);
      });
    },
  });
}

const BUFFER_LIMIT = 'client-output-buffer-limit';

// Servers before Redis 7, and some of other makes that call themselves 7.
const takesOnePattern = new WeakSet<RedisClient>();

/** At least the wanted settings: all of them are 15 times as many as are served. */
async function settingsOf(wanted: readonly string[], client: RedisClient, signal: AbortSignal): Promise<Reply> {
  if (!takesOnePattern.has(client)) {
    try {
      return await client.command(['CONFIG', 'GET', ...wanted], { signal, everyScrape: true });
    } catch (error) {
      if (!(error instanceof Error && /wrong number of arguments/.test(error.message))) throw error;
      takesOnePattern.add(client);
    }
  }
  return client.command(['CONFIG', 'GET', '*'], { signal, everyScrape: true });
}

type Quadruple = readonly [string, number | undefined, number | undefined, number | undefined];

/** `normal 0 0 0 pubsub 33554432 8388608 60`. */
function quadruples(value: string): readonly Quadruple[] {
  const words = value.split(' ');
  const found: Quadruple[] = [];
  for (let i = 0; i + 3 < words.length; i += 4) {
    found.push([words[i]!, parseNumber(words[i + 1]), parseNumber(words[i + 2]), parseNumber(words[i + 3])]);
  }
  return found;
}
