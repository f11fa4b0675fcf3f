import { collector, counter, type SourceCollector } from 'exporter-kit';
import type { RedisClient } from '../client/client.ts';
import { type Names, naming } from '../names.ts';
import { type Reading, redis } from '../source.ts';

/** Calls and time of each command. */
export function commandstats(names: Names = 'classic'): SourceCollector<RedisClient, Reading> {
  const name = naming(names);
  const labels = ['cmd'] as const;
  return collector({
    name: 'commandstats',
    source: redis,
    metrics: {
      calls: counter({ ...name('commands_total'), help: 'Calls of a command.', labels }),
      duration: counter({ ...name('commands_duration_seconds_total'), help: 'Time spent on a command.', labels }),
      rejected: counter({
        ...name('commands_rejected_calls_total'),
        help: 'Calls of a command that were rejected before they were executed.',
        labels,
      }),
      failed: counter({ ...name('commands_failed_calls_total'), help: 'Calls of a command that failed.', labels }),
    },
    collect({ calls, duration, rejected, failed }, { reading }) {
      for (const one of reading.commands) {
        const cmd = one.command;
        calls.set({ cmd }, one.calls);
        duration.set({ cmd }, one.microseconds / 1e6);
        if (one.rejected !== undefined) rejected.set({ cmd }, one.rejected);
        if (one.failed !== undefined) failed.set({ cmd }, one.failed);
      }
    },
  });
}
