import { constants } from 'node:os';

/**
 * Exit codes of `exporter-push` other than its command's. Sources: sysexits.h for 64 and 65, GNU timeout for 124,
 * POSIX' shell for the rest.
 */
export const exitCodes = {
  undelivered: 1,
  badInput: 65,
  timedOut: 124,
  notExecutable: 126,
  notFound: 127,
  /** Plus the number of the signal that ended the command. */
  signalled: 128,
} as const;

const asking = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Handles the signals that ask this process to end. `taker` handles the first; at the second, with `again`, it cleans up, and
 * the process ends at once. To be called once.
 */
export function takeEndSignals(taker: (signal: NodeJS.Signals, again: boolean) => void): void {
  let again = false;
  for (const signal of asking) {
    process.on(signal, () => {
      taker(signal, again);
      if (again) void endBy(signal);
      again = true;
    });
  }
}

/**
 * Ends this process by a signal, so that its parent sees what ended the command: a shell stops its script
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
