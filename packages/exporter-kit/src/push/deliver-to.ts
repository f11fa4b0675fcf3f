import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import { type Delivered, type DeliverOptions, deliver } from './deliver.ts';
import type { Delivery, Group, Sink } from './sink.ts';

/**
 * Delivers a result to each of the sinks, whatever happens to the others. With a spool, it is on disk before it is sent and
 * until it has arrived, and what was kept of earlier runs for the same sinks is delivered as well.
 *
 * Never rejects: trouble is logged, one line each, and returned.
 */
export async function deliverTo(
  sinks: readonly Sink[],
  result: Delivery,
  options: DeliverOptions,
): Promise<Delivered[]> {
  const { spool, after } = options;
  if (spool !== undefined) {
    const { deliverKept } = await import('./spool/deliver-kept.ts');
    return deliverKept(sinks, result, { ...options, spool });
  }
  await after;
  return Promise.all(sinks.map((sink) => deliver(sink, result, options)));
}

/**
 * Takes a group away from each of the sinks, which have `remove`, and from the spool what was on its way there.
 *
 * Never rejects: trouble is logged, one line each, and returned.
 */
export async function removeFrom(sinks: readonly Sink[], group: Group, options: DeliverOptions): Promise<Delivered[]> {
  const { log, signal, spool, after } = options;
  await after;
  return Promise.all(
    sinks.map(async (sink) => {
      try {
        await inTime(signal, async () => {
          if (spool !== undefined) await (await import('./spool/folder.ts')).forget(spool.directory, sink.name, group);
          await sink.remove?.(group, { log, signal });
        });
        log.debug({ job: group.job, sink: sink.name }, 'removed');
        return { sink: sink.name };
      } catch (thrown) {
        const error = caught(thrown);
        log.error({ job: group.job, sink: sink.name, err: error }, 'not removed');
        return { sink: sink.name, error };
      }
    }),
  );
}
