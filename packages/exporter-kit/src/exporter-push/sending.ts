import type { Logger } from '../collect/context.ts';
import type { DeliverOptions } from '../push/deliver.ts';
import type { Sink } from '../push/sink.ts';

/** Where results go, and how long that is tried. */
export interface Sending {
  readonly to: readonly Sink[];
  readonly log: Logger;
  readonly pushTimeoutMs: number;
  /** A folder that keeps what could not be pushed. */
  readonly spool?: string;
}

/** The same for a delivery that starts now. */
export function deliverOptions({ log, pushTimeoutMs, spool }: Sending): DeliverOptions {
  return {
    log,
    signal: AbortSignal.timeout(pushTimeoutMs),
    settledMs: Date.now(),
    ...(spool === undefined ? {} : { spool: { directory: spool } }),
  };
}
