import type { Logger } from '../collect/context.ts';
import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import { isPermanentFailure } from './permanent-failure.ts';
import type { Delivery, Sink } from './sink.ts';
import type { SpoolOptions } from './spool/folder.ts';

/** Outcome of the delivery to one sink. */
export interface Delivered {
  /** The sink's name. */
  readonly sink: string;
  /** Why the delivery failed; absent on success. */
  readonly error?: unknown;
  /** Whether the spool keeps the undelivered result. */
  readonly kept?: boolean;
}

/** Options of a delivery. */
export interface DeliverOptions {
  readonly log: Logger;
  /** Ends the delivery; what is not delivered by then has failed, or stays in the spool. */
  readonly signal: AbortSignal;
  /** Keeps undelivered results; default: none. */
  readonly spool?: SpoolOptions;
  /** When the run ended, in milliseconds since the epoch. */
  readonly settledMs: number;
  /** Nothing is sent before this resolves; never rejects. */
  readonly after?: Promise<void> | undefined;
}

/** Delivers to one sink, without a spool. Never rejects. */
export async function deliver(sink: Sink, result: Delivery, { log, signal }: DeliverOptions): Promise<Delivered> {
  const facts = { job: result.job, sink: sink.name };
  try {
    await inTime(signal, async () => sink.deliver(result, { log, signal }));
    log.debug({ ...facts, mode: result.mode }, 'delivered');
    return { sink: sink.name };
  } catch (thrown) {
    const error = caught(thrown);
    log.error({ ...facts, err: error }, isPermanentFailure(error) ? 'refused' : 'not delivered');
    return { sink: sink.name, error };
  }
}
