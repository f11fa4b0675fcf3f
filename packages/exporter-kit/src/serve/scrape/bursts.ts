import { setImmediate } from 'node:timers/promises';

// The longest that the first of a burst waits for the last.
const LONGEST_MS = 100;

/**
 * Makes the function that lets requests of one burst go on together, once the event loop brings no more of them. Without
 * it, each would find the run of the one before it ended, if its collectors do not wait for anything: Node accepts one
 * connection a turn.
 */
export function bursts(): () => Promise<void> {
  let arrived = 0;
  let over: Promise<void> | undefined;

  async function quiet(): Promise<void> {
    const latest = performance.now() + LONGEST_MS;
    // The first turn is the end of this one.
    await setImmediate();
    for (let seen = 0; seen < arrived && performance.now() < latest; ) {
      seen = arrived;
      await setImmediate();
    }
    over = undefined;
    arrived = 0;
  }

  return () => {
    arrived++;
    over ??= quiet();
    return over;
  };
}
