import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import { type Delivered, type DeliverOptions, deliver } from './deliver.ts';
import type { Delivery, Group, Sink } from './sink.ts';

/**
 * Delivers a result to each sink, independently of the others. With a spool, the result is on disk before it is sent and
 * until it has arrived, and earlier undelivered results for the same sinks are sent as well.
 *
 * Never rejects: each failure is logged and returned.
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
 * Removes a group from each sink, all of which have `remove`, and its entries from the spool.
 *
 * Never rejects: each failure is logged and returned.
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
