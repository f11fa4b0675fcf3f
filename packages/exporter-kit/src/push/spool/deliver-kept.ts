import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors/thrown.ts';
import { inTime } from '../../time/wait.ts';
import type { Delivered, DeliverOne, DeliverOptions } from '../deliver.ts';
import type { Delivery, Sink } from '../sink.ts';
import { deliverEntry } from './deliver-entry.ts';
import type { Entry } from './entry.ts';
import { flushSpool } from './flush.ts';
import { entryName, keep, type SpoolOptions } from './folder.ts';
import { writeColumns } from './kept-columns.ts';

interface SpoolDelivery extends DeliverOptions {
  readonly spool: SpoolOptions;
  /** For a result that cannot be spooled. */
  readonly deliver: DeliverOne;
}

/**
 * Delivers through a spool: the result is written there for every sink, sent to all of them, and removed for those that
 * got it. Sinks that work then get the spooled results of other groups. Never rejects.
 */
export async function deliverKept(
  sinks: readonly Sink[],
  result: Delivery,
  options: SpoolDelivery,
): Promise<Delivered[]> {
  const kept = await Promise.all(sinks.map((sink) => keepFor(sink, result, options)));
  await options.after;
  const sending = sinks.map((sink, i) => {
    const one = kept[i];
    return one === undefined ? options.deliver(sink, result, options) : sendInTime(sink, result, one, options);
  });
  const delivered = await Promise.all(sending);
  const working = sinks.filter(
    (_, i) => delivered[i]?.error === undefined && kept[i] !== undefined && 'entry' in kept[i],
  );
  if (working.length > 0) await deliverEarlier(working, options);
  return delivered;
}

/** What was spooled for a sink: the result, and the entry as it is now; or why that failed. */
type Kept = { readonly own: Entry; readonly file: string } & ({ readonly entry: Entry } | { readonly error: unknown });

/** Longer than the wait for the spool's lock. Not part of the push timeout: a spooled result is not lost. */
const KEEP_MS = 6000;

async function keepFor(
  { name, keep: wanted }: Sink,
  result: Delivery,
  { spool, settledMs, log }: SpoolDelivery,
): Promise<Kept | undefined> {
  if (wanted === false) return undefined;
  const own = entryOf(name, result, settledMs);
  const file = entryName(own);
  try {
    return { own, file, entry: await inTime(AbortSignal.timeout(KEEP_MS), () => keep(spool, own, log)) };
  } catch (error) {
    return { own, file, error };
  }
}

/** Time limit for earlier results where the spool is failing. */
const EARLIER_MS = 2000;

/** A disk that hangs must not delay the end of the job; otherwise {@link send} ends earlier. */
const HANGING_MS = 1000;

async function sendInTime(sink: Sink, result: Delivery, kept: Kept, options: SpoolDelivery): Promise<Delivered> {
  try {
    return await inTime(options.signal, () => send(sink, result, kept, options), HANGING_MS);
  } catch (error) {
    const facts = { job: result.job, sink: sink.name, spool: options.spool.directory, err: error };
    options.log.error(facts, 'not delivered; the spool is not responding');
    return { sink: sink.name, error, kept: 'entry' in kept };
  }
}

async function send(sink: Sink, result: Delivery, kept: Kept, options: SpoolDelivery): Promise<Delivered> {
  const { log, signal, spool } = options;
  const { directory } = spool;
  const facts = { job: result.job, sink: sink.name };
  const delivery = { directory, file: kept.file, sink, log, signal };
  if ('error' in kept) {
    log.error({ ...facts, spool: directory, err: kept.error }, 'result could not be spooled; sending it anyway');
    // Earlier results must not arrive after this one.
    const soon = AbortSignal.timeout(EARLIER_MS);
    await inTime(soon, () => deliverEntry({ ...delivery, signal: soon })).catch(() => {});
    return options.deliver(sink, result, options);
  }
  const { own, entry } = kept;
  const earlier = entry.runs === 1 ? {} : { earlier_runs: entry.runs - 1 };
  try {
    // An entry with this result alone need not be read back.
    const known = entry === own ? { known: { id: own.id, delivery: result } } : {};
    const { status, error } = await deliverEntry({ ...delivery, ...known });
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

/** Delivers spooled results of other groups to sinks that work. */
async function deliverEarlier(working: readonly Sink[], { log, signal, spool }: SpoolDelivery): Promise<void> {
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

/** The entry of one run's result. */
export function entryOf(sink: string, { job, grouping, mode, snapshot }: Delivery, settledMs: number): Entry {
  return { id: randomUUID(), sink, job, grouping, mode, settledMs, runs: 1, body: writeColumns(snapshot) };
}
