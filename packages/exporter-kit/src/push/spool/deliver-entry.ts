import { join } from 'node:path';
import type { Logger } from '../../collect/context.ts';
import { locked } from '../../disk/lock.ts';
import { caught, messageOf } from '../../errors/thrown.ts';
import { inTime } from '../../time/wait.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, Sink } from '../sink.ts';
import { drop, load, loadHead } from './folder.ts';

/** One entry to deliver, and how. */
export interface EntryDelivery {
  readonly directory: string;
  readonly file: string;
  readonly sink: Sink;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Ends the wait for another process that is delivering this entry; default: `signal`. */
  readonly patience?: AbortSignal;
  /** The entry's id and content, if this process has just written it. */
  readonly known?: { readonly id: string; readonly delivery: Delivery };
}

/** Outcome: `gone` if another process has delivered the entry, `kept` if the sink is failing. */
export interface EntryOutcome {
  readonly status: 'delivered' | 'refused' | 'kept' | 'gone';
  readonly error?: unknown;
}

/** No delivery takes longer: a lock of another machine that is older is stale. */
const STALE_MS = 600_000;

/**
 * Delivers an entry, then removes it; repeats if another run has written to it meanwhile. The entry is locked, so that the
 * newest result is delivered last.
 *
 * @throws Error if the entry can't be locked or read; it stays.
 */
export function deliverEntry(delivery: EntryDelivery): Promise<EntryOutcome> {
  const { directory, file, sink, log, signal, patience = signal, known } = delivery;
  return locked(directory, file, { signal: patience, staleMs: STALE_MS }, async () => {
    for (;;) {
      const path = join(directory, file);
      // The own result is not read back unless another run has written to the entry since.
      const unchanged = known !== undefined && (await loadHead(path, log))?.id === known.id;
      const entry = unchanged ? known : await load(path, log);
      if (entry === undefined) return { status: 'gone' };
      let outcome: EntryOutcome = { status: 'delivered' };
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
