import type { Logger } from '../collect/context.ts';
import { caught } from '../errors/thrown.ts';
import { inTime } from '../time/wait.ts';
import { isPermanentFailure } from './permanent-failure.ts';
import type { Delivery, Sink } from './sink.ts';
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
