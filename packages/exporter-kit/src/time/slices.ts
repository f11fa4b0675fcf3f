import { setImmediate } from 'node:timers/promises';

const SLICE_MS = 2;

/**
 * Makes the function to call between pieces of long work: from time to time it waits a turn, so that the event loop has its
 * own at least every few milliseconds. Time is what decides: on a fast socket `drain` comes in the same turn.
 */
export function slices(): () => Promise<void> | undefined {
  let ends = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() <= ends) return undefined;
    return setImmediate().then(() => {
      ends = performance.now() + SLICE_MS;
    });
  };
}
