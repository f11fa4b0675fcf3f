import { setTimeout as after } from 'node:timers/promises';
import type { Files } from '../files.ts';
import type { Tally } from '../tally.ts';

/** The context of a load. */
export interface Field {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly pid: number;
  readonly files: Files;
  readonly tally: Tally;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** One kind of load, repeated until the signal aborts; running requests are finished or dropped. */
export type Load = (field: Field) => Promise<void>;

/** Repeats an action with pauses; errors count as unexpected responses. */
export async function again(
  { signal, tally }: Field,
  what: string,
  pauseMs: number,
  once: (round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    try {
      await once(round);
    } catch (error) {
      if (!signal.aborted) tally.unexpected(what, error);
    }
    await pause(pauseMs, signal);
  }
}

/** Waits, at most until the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal }).catch(() => {});
}
