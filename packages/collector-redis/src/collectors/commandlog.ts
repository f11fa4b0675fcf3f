import { collector, gauge, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { numberOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { needs, orUnsupported } from './missing.ts';

/** Length of the logs of slow commands, large requests and large replies (Valkey 8.1). */
export function commandlog(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  return collector({
    name: 'commandlog',
    source: redis,
    metrics: {
      slow: gauge({ ...name('commandlog_slow_length'), help: 'Entries of the log of slow commands.' }),
      'large-request': gauge({
        ...name('commandlog_large_request_length'),
        help: 'Entries of the log of large requests.',
      }),
      'large-reply': gauge({ ...name('commandlog_large_reply_length'), help: 'Entries of the log of large replies.' }),
    },
    async collect(writers, { reading, client, signal }) {
      needs(reading.info, { valkey: 8.1 });
      for (const log of ['slow', 'large-request', 'large-reply'] as const) {
        const length = await orUnsupported(client.command(['COMMANDLOG', 'LEN', log], { signal, everyScrape: true }));
        writers[log].set(numberOf(length, 'COMMANDLOG LEN'));
      }
    },
  });
}
