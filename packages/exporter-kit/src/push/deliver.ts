import type { Logger } from '../collect/context.ts';
import { messageOf } from '../collect/runner.ts';
import { inTime } from './in-time.ts';
import { isRefusal } from './refusal.ts';
import type { Delivery, Group, Sink } from './sink.ts';
import type { Entry } from './spool/entry.ts';
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
  const { spool } = options;
  if (spool === undefined) return Promise.all(sinks.map((sink) => deliver(sink, result, options)));
  const delivered = await deliverKept(sinks, result, { ...options, spool });
  const working = sinks.filter((_, i) => delivered[i]?.error === undefined);
  if (working.length > 0) await deliverEarlier(working, { ...options, spool });
  return delivered;
}

async function deliver(sink: Sink, result: Delivery, { log, signal }: DeliverOptions): Promise<Delivered> {
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

type Spooling = DeliverOptions & { readonly spool: SpoolOptions };

/** First to the spool for every sink, then to the sinks, then out of the spool. */
async function deliverKept(sinks: readonly Sink[], result: Delivery, options: Spooling): Promise<Delivered[]> {
  const { spool, settledMs, log } = options;
  const { entryOf } = await import('./spool/entry.ts');
  const { keep } = await import('./spool/folder.ts');
  const kept = await Promise.all(
    sinks.map(async (sink) => {
      if (sink.keep === false) return undefined;
      const own = entryOf(sink.name, result, settledMs);
      return keep(spool, own, log).then(
        (entry) => ({ own, entry }),
        (error: unknown) => ({ own, error }),
      );
    }),
  );
  return Promise.all(
    sinks.map((sink, i) =>
      kept[i] === undefined ? deliver(sink, result, options) : deliverOut(sink, result, kept[i], options),
    ),
  );
}

async function deliverOut(
  sink: Sink,
  result: Delivery,
  { own, entry, error: full }: { own: Entry; entry?: Entry; error?: unknown },
  options: Spooling,
): Promise<Delivered> {
  const { log, signal, spool } = options;
  const { directory } = spool;
  const { entryName } = await import('./spool/entry.ts');
  const { deliverEntry } = await import('./spool/deliver-entry.ts');
  const facts = { job: result.job, sink: sink.name };
  const errand = { directory, file: entryName(sink.name, result.job, result.grouping), sink, log, signal };
  if (entry === undefined) {
    log.error({ ...facts, spool: directory, err: full }, 'the spool can not keep the result; it is sent all the same');
    // What is kept there of earlier runs must not come after this one.
    await deliverEntry(errand).catch(() => {});
    return deliver(sink, result, options);
  }
  try {
    // Where nothing else is in it, what was written need not be read again.
    const known = entry === own ? { known: { id: own.id, delivery: result } } : {};
    const { status, error } = await deliverEntry({ ...errand, ...known });
    const earlier = entry.runs === 1 ? {} : { earlier_runs: entry.runs - 1 };
    if (status === 'refused') {
      log.error({ ...facts, ...earlier, err: error }, 'refused; not kept, as it would be refused again');
      return { sink: sink.name, error };
    }
    if (status === 'kept') throw error;
    if (entry.runs > 1) log.info({ ...facts, ...earlier }, 'delivered, with what was kept of earlier runs');
    else log.debug({ ...facts, mode: result.mode }, 'delivered');
    return { sink: sink.name };
  } catch (error) {
    log.error({ ...facts, spool: directory, err: error }, 'not delivered; kept in the spool for the next run');
    return { sink: sink.name, error, kept: true };
  }
}

/** What other groups have there for sinks that work. */
async function deliverEarlier(working: readonly Sink[], { log, signal, spool }: Spooling): Promise<void> {
  try {
    const { flushSpool } = await import('./spool/flush.ts');
    for (const { status, sink, job, runs, error } of await flushSpool(spool.directory, working, {
      ...spool,
      log,
      signal,
    })) {
      const facts = { job, sink, runs };
      if (status === 'delivered') log.info(facts, 'delivered what the spool had kept');
      if (status === 'refused')
        log.error({ ...facts, err: error }, 'what the spool had kept was refused, and is dropped');
    }
  } catch (error) {
    log.warn({ spool: spool.directory, reason: messageOf(error) }, 'the spool can not be read');
  }
}

/**
 * Takes a group away from each of the sinks, which have `remove`, and from the spool what was on its way there.
 *
 * Never rejects: trouble is logged, one line each, and returned.
 */
export async function removeFrom(sinks: readonly Sink[], group: Group, options: DeliverOptions): Promise<Delivered[]> {
  const { log, signal, spool } = options;
  return Promise.all(
    sinks.map(async (sink) => {
      try {
        if (spool !== undefined) await (await import('./spool/folder.ts')).forget(spool.directory, sink.name, group);
        await inTime(signal, async () => sink.remove?.(group, { log, signal }));
        log.debug({ job: group.job, sink: sink.name }, 'removed');
        return { sink: sink.name };
      } catch (error) {
        log.error({ job: group.job, sink: sink.name, err: error }, 'not removed');
        return { sink: sink.name, error };
      }
    }),
  );
}
