import { collector, type HistogramValue, histogram, type SourceCollector } from 'exporter-kit';
import type { RedisClient, Reply } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { listOf, mapOf, numberOf } from '../parse/reply.ts';
import { type Reading, redis } from '../source.ts';
import { needs, orUnsupported } from './missing.ts';

/**
 * Upper bounds of the server's buckets in microseconds: 1024 ns times powers of two, as its histogram rounds them. A reply
 * has only those that something fell into; the same ones for every command and server can be added up.
 */
export const bounds: readonly number[] = [
  1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16_908, 33_816, 67_633, 135_266, 270_532, 541_065,
  1_073_741,
];

/** Latency of each command as a histogram, from LATENCY HISTOGRAM (Redis 7). */
export function latencyHistogram(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const unit = names === 'clean' ? 1e6 : 1;
  return collector({
    name: 'latency_histogram',
    source: redis,
    metrics: {
      latency: histogram({
        ...naming(names)('commands_latencies_usec', 'command_latency_seconds'),
        help: `Latency of a command${unit === 1 ? ', in microseconds' : ''}.`,
        labels: ['cmd'],
        buckets: bounds.map((bound) => bound / unit),
      }),
    },
    async collect({ latency }, { reading, client, signal }) {
      const what = 'LATENCY HISTOGRAM';
      needs(reading.info, { redis: 7 });
      const reply = mapOf(
        await orUnsupported(client.command(['LATENCY', 'HISTOGRAM'], { signal, everyScrape: true })),
        what,
      );
      const spent = microsecondsByCommand(reading);
      for (const [cmd, details] of reply) {
        latency.set({ cmd }, { counts: counts(mapOf(details, what)), sum: (spent.get(cmd) ?? 0) / unit });
      }
    },
  });
}

/** Observations in each bucket, from the cumulative ones of a reply. */
function counts(details: ReadonlyMap<string, Reply>): HistogramValue['counts'] {
  const calls = numberOf(details.get('calls'), 'calls');
  const pairs = listOf(details.get('histogram_usec'), 'histogram_usec').map((one) => numberOf(one, 'histogram_usec'));
  const found = new Array<number>(bounds.length + 1).fill(0);
  let below = 0;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    // A bound we do not know counts for the next one: what is below it is below that, too.
    const at = bounds.findIndex((bound) => pairs[i]! <= bound);
    found[at === -1 ? bounds.length : at]! += pairs[i + 1]! - below;
    below = pairs[i + 1]!;
  }
  found[bounds.length]! += calls - below;
  return found;
}

/** Time spent on each command; on one with subcommands, `config`, the time of them all as well. */
function microsecondsByCommand({ commands }: Reading): ReadonlyMap<string, number> {
  const spent = new Map<string, number>();
  for (const { command, microseconds } of commands) {
    const [container] = command.split('|') as [string];
    for (const name of new Set([command, container])) spent.set(name, (spent.get(name) ?? 0) + microseconds);
  }
  return spent;
}
