import type { Logger } from '../collect/context.ts';
import { inTime } from './in-time.ts';
import { isRefusal } from './refusal.ts';
import type { Delivery, Group, Sink } from './sink.ts';
import type { SpoolOptions } from './spool/folder.ts';

/** How one sink fared. */
export interface Delivered {
  /** The sink's name. */
  readonly sink: string;
  /** Why it did not get the result. */
  readonly error?: unknown;
  /** Whether the spool has what it did not get. */
  readonly kept?: boolean;
}

/** How a result is delivered. */
export interface DeliverOptions {
  readonly log: Logger;
  /** Ends it; what is not delivered by then counts as lost, or kept. */
  readonly signal: AbortSignal;
  /** Keeps what can't be delivered; default: nothing does. */
  readonly spool?: SpoolOptions;
  /** When the run ended, in milliseconds since the epoch. */
  readonly settledMs: number;
  /** What must be over before anything is sent; never rejects. */
  readonly after?: Promise<void> | undefined;
}

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

/** Delivers to one sink, without a spool. Never rejects. */
export async function deliver(sink: Sink, result: Delivery, { log, signal }: DeliverOptions): Promise<Delivered> {
  const facts = { job: result.job, sink: sink.name };
  try {
    await inTime(signal, async () => sink.deliver(result, { log, signal }));
    log.debug({ ...facts, mode: result.mode }, 'delivered');
    return { sink: sink.name };
  } catch (error) {
    log.error({ ...facts, err: error }, isRefusal(error) ? 'refused' : 'not delivered');
    return { sink: sink.name, error };
  }
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
      } catch (error) {
        log.error({ job: group.job, sink: sink.name, err: error }, 'not removed');
        return { sink: sink.name, error };
      }
    }),
  );
}
