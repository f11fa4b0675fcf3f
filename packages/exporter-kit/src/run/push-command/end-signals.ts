import { constants } from 'node:os';
import { exitCodes } from './exit-codes.ts';

const asking = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Takes a signal; `again` for one that is not the first: everything ends at once. */
type Taker = (signal: NodeJS.Signals, again: boolean) => void;

/** The signals that ask this process to end: the first is passed on, the second ends it at once. */
export interface EndSignals {
  /** From now on `taker` gets them, until the function returned is called; with nobody to take it, the first does nothing. */
  passTo(taker: Taker): () => void;
}

/** Starts to listen; to be called once. */
export function endSignals(): EndSignals {
  let taker: Taker | undefined;
  let asked = false;
  for (const signal of asking) {
    process.on(signal, () => {
      taker?.(signal, asked);
      if (asked) void endBy(signal);
      asked = true;
    });
  }
  return {
    passTo(next) {
      taker = next;
      return () => {
        taker = undefined;
      };
    },
  };
}

/**
 * Ends this process by a signal, so that whoever waits for it sees what its command ended by: a shell stops its script
 * at Ctrl-C only if the program it waits for ended by SIGINT. Signals with other meanings (a core file, Node's debugger)
 * become the exit code that a shell makes of them; so do all where the kernel spares process 1 of a container.
 */
export async function endBy(signal: NodeJS.Signals): Promise<never> {
  if (signal === 'SIGKILL' || asking.some((one) => one === signal)) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  process.exit(exitCodes.signalled + constants.signals[signal]);
}
