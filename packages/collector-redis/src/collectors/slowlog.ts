import { collector, gauge, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { listOf, numberOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { needs, orUnsupported } from './missing.ts';

/** The log of slow commands: its length and its last entry. */
export function slowlog(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  return collector({
    name: 'slowlog',
    source: redis,
    metrics: {
      length: gauge({ ...name('slowlog_length'), help: 'Entries of the slow log.' }),
      id: gauge({ ...name('slowlog_last_id'), help: 'ID of the last entry of the slow log; 0 without one.' }),
      duration: gauge({
        ...name('last_slow_execution_duration_seconds'),
        help: 'Time that the last slow command took; 0 without one.',
      }),
    },
    async collect({ length, id, duration }, { reading, client, signal }) {
      needs(reading.info);
      const [count, last] = await Promise.all([
        orUnsupported(client.command(['SLOWLOG', 'LEN'], { signal, everyScrape: true })),
        orUnsupported(client.command(['SLOWLOG', 'GET', '1'], { signal, everyScrape: true })),
      ]);
      length.set(numberOf(count, 'SLOWLOG LEN'));
      const [entry] = listOf(last, 'SLOWLOG GET');
      const [number = 0, , microseconds = 0] = entry === undefined ? [] : listOf(entry, 'SLOWLOG GET');
      id.set(numberOf(number, 'SLOWLOG GET'));
      duration.set(numberOf(microseconds, 'SLOWLOG GET') / 1e6);
    },
  });
}
