import { collector, gauge, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { listOf, numberOf, textOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { needs, orUnsupported } from './missing.ts';

/** Latency spikes, which the server records above `latency-monitor-threshold`. */
export function latency(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const labels = ['event_name'] as const;
  return collector({
    name: 'latency',
    source: redis,
    metrics: {
      last: gauge({
        ...name('latency_spike_last', 'latency_spike_timestamp_seconds'),
        help: 'When the last latency spike was, in Unix time.',
        labels,
      }),
      duration: gauge({ ...name('latency_spike_duration_seconds'), help: 'Length of the last latency spike.', labels }),
      longest: gauge({ ...name('latency_spike_max_seconds'), help: 'Length of the longest latency spike.', labels }),
    },
    async collect({ last, duration, longest }, { reading, client, signal }) {
      needs(reading.info);
      const what = 'LATENCY LATEST';
      const reply = await orUnsupported(client.command(['LATENCY', 'LATEST'], { signal, everyScrape: true }));
      for (const event of listOf(reply, what)) {
        const [name_, time, latest, max] = listOf(event, what);
        const event_name = textOf(name_ ?? null, what);
        last.set({ event_name }, numberOf(time, what));
        duration.set({ event_name }, numberOf(latest, what) / 1000);
        longest.set({ event_name }, numberOf(max, what) / 1000);
      }
    },
  });
}
