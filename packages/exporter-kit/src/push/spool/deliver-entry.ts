import { join } from 'node:path';
import type { Logger } from '../../collect/context.ts';
import { caught, messageOf } from '../../errors/thrown.ts';
import { inTime } from '../../time/wait.ts';
import { locked } from '../disk/lock.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, Sink } from '../sink.ts';
import { drop, load, loadHead } from './folder.ts';

/** Which entry goes where. */
export interface Errand {
  readonly directory: string;
  readonly file: string;
  readonly sink: Sink;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Ends the waiting for another who delivers this entry; default: `signal`. */
  readonly patience?: AbortSignal;
  /** What the entry of this id is to be delivered as, where that is at hand. */
  readonly known?: { readonly id: string; readonly delivery: Delivery };
}

/** How that went; `gone` when somebody else has delivered it, `kept` when the sink is in trouble. */
export interface Errands {
  readonly status: 'delivered' | 'refused' | 'kept' | 'gone';
  readonly error?: unknown;
}

/** No delivery takes longer, so a holder on another machine is gone then. */
const STALE_MS = 600_000;

/**
 * Delivers an entry, then drops it; again, when another run has written to it meanwhile. One at a time does so with an
 * entry, so that what is delivered last is the newest.
 *
 * @throws Error when the entry's lock or file is not to be had; the entry stays.
 */
export function deliverEntry(errand: Errand): Promise<Errands> {
  const { directory, file, sink, log, signal, patience = signal, known } = errand;
  return locked(directory, file, { signal: patience, staleMs: STALE_MS }, async () => {
    for (;;) {
      const path = join(directory, file);
      // Its own result need not be read again unless another run has written to the entry since.
      const unchanged = known !== undefined && (await loadHead(path, log))?.id === known.id;
      const entry = unchanged ? known : await load(path, log);
      if (entry === undefined) return { status: 'gone' };
      let outcome: Errands = { status: 'delivered' };
      try {
        await inTime(signal, async () => sink.deliver(entry.delivery, { log, signal }));
      } catch (thrown) {
        const error = caught(thrown);
        if (!isPermanentFailure(error)) return { status: 'kept', error };
        outcome = { status: 'refused', error };
      }
      const dropped = await drop(directory, file, entry.id, log).catch((error: unknown) => {
        const facts = { file: path, reason: messageOf(error) };
        log.warn(facts, 'delivered, but the entry could not be removed; it will be sent again');
        return true;
      });
      if (dropped) return outcome;
    }
  });
}
