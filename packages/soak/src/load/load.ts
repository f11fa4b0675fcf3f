import { setTimeout as after } from 'node:timers/promises';
import type { Files } from '../files.ts';
import type { Tally } from '../tally.ts';

/** What a load has to work with. */
export interface Field {
  /** `http://127.0.0.1:PORT/` */
  readonly url: string;
  readonly pid: number;
  readonly files: Files;
  readonly tally: Tally;
  /** Ends the soak. */
  readonly signal: AbortSignal;
}

/** One kind of demand on the exporter, made again and again until the signal; what is under way is finished or dropped. */
export type Load = (field: Field) => Promise<void>;

/** Does it again and again, with pauses; what it throws is an unexpected answer. */
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

/** Waits, at most until the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal }).catch(() => {});
}
