import { messageOf } from '../../errors/thrown.ts';
import { inTime } from '../../time/wait.ts';
import { type Delivered, type DeliverOptions, deliver } from '../deliver.ts';
import type { Delivery, Sink } from '../sink.ts';
import { deliverEntry } from './deliver-entry.ts';
import { type Entry, entryName, entryOf } from './entry.ts';
import { flushSpool } from './flush.ts';
import { keep, type SpoolOptions } from './folder.ts';

type Spooling = DeliverOptions & { readonly spool: SpoolOptions };

/**
 * Delivers by way of a spool: first the result is put there for every sink, then it is sent to all of them, and taken out
 * again where it has arrived. Sinks that work then get what other groups have there for them. Never rejects.
 */
export async function deliverKept(sinks: readonly Sink[], result: Delivery, options: Spooling): Promise<Delivered[]> {
  const kept = await Promise.all(sinks.map((sink) => keepFor(sink, result, options)));
  await options.after;
  const sending = sinks.map((sink, i) => {
    const one = kept[i];
    return one === undefined ? deliver(sink, result, options) : sendInTime(sink, result, one, options);
  });
  const delivered = await Promise.all(sending);
  const working = sinks.filter(
    (_, i) => delivered[i]?.error === undefined && kept[i] !== undefined && 'entry' in kept[i],
  );
  if (working.length > 0) await deliverEarlier(working, options);
  return delivered;
}

/** What was put into the spool for a sink: the result itself, and what is there now; or why it could not be. */
type Kept = { readonly own: Entry } & ({ readonly entry: Entry } | { readonly error: unknown });

/** More than the spool's lock is waited for. Apart from the time for sending: what is kept is not lost. */
const KEEP_MS = 6000;

async function keepFor(
  { name, keep: wanted }: Sink,
  result: Delivery,
  { spool, settledMs, log }: Spooling,
): Promise<Kept | undefined> {
  if (wanted === false) return undefined;
  const own = entryOf(name, result, settledMs);
  try {
    return { own, entry: await inTime(AbortSignal.timeout(KEEP_MS), () => keep(spool, own, log)) };
  } catch (error) {
    return { own, error };
  }
}

/** What earlier results may take of the time for this one, where the spool is out of order. */
const EARLIER_MS = 2000;

/** A disk that hangs must not hold up the end of the job; where it does not, {@link send} ends earlier. */
const HANGING_MS = 1000;

async function sendInTime(sink: Sink, result: Delivery, kept: Kept, options: Spooling): Promise<Delivered> {
  try {
    return await inTime(options.signal, () => send(sink, result, kept, options), HANGING_MS);
  } catch (error) {
    const facts = { job: result.job, sink: sink.name, spool: options.spool.directory, err: error };
    options.log.error(facts, 'not delivered; the spool is not responding');
    return { sink: sink.name, error, kept: 'entry' in kept };
  }
}

async function send(sink: Sink, result: Delivery, kept: Kept, options: Spooling): Promise<Delivered> {
  const { log, signal, spool } = options;
  const { directory } = spool;
  const facts = { job: result.job, sink: sink.name };
  const errand = { directory, file: entryName(sink.name, result.job, result.grouping), sink, log, signal };
  if ('error' in kept) {
    log.error({ ...facts, spool: directory, err: kept.error }, 'result could not be spooled; sending it anyway');
    // What is kept there of earlier runs must not come after this one.
    const soon = AbortSignal.timeout(EARLIER_MS);
    await inTime(soon, () => deliverEntry({ ...errand, signal: soon })).catch(() => {});
    return deliver(sink, result, options);
  }
  const { own, entry } = kept;
  const earlier = entry.runs === 1 ? {} : { earlier_runs: entry.runs - 1 };
  try {
    // Where nothing else is in it, what was written need not be read again.
    const known = entry === own ? { known: { id: own.id, delivery: result } } : {};
    const { status, error } = await deliverEntry({ ...errand, ...known });
    if (status === 'refused') {
      log.error({ ...facts, ...earlier, err: error }, 'refused; not spooled, as it would be refused again');
      return { sink: sink.name, error };
    }
    if (status === 'kept') throw error;
    if (entry.runs > 1) log.info({ ...facts, ...earlier }, 'delivered, with spooled results of earlier runs');
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
    const flushing = inTime(signal, () => flushSpool(spool.directory, working, { ...spool, log, signal }), HANGING_MS);
    for (const flushed of await flushing) {
      const { status, sink, job, runs, error } = flushed;
      const facts = { job, sink, runs };
      if (status === 'delivered') log.info(facts, 'spooled result delivered');
      if (status === 'refused') log.error({ ...facts, err: error }, 'spooled result refused; dropped');
      if (status === 'expired') log.error(facts, 'spooled result too old; dropped');
    }
  } catch (error) {
    log.warn({ spool: spool.directory, reason: messageOf(error) }, 'spool not readable');
  }
}
