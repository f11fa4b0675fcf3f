const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** Calls of user code that were given up and are still running. */
export interface StuckCalls {
  /** Counts a call until it ends. */
  add(ended: Promise<unknown>): void;
  /** How long another call has to wait, if none of these ends before; else 0. */
  waitMs(): number;
}

/**
 * Each stuck call holds up the next: the first for a minute, one beside it for two, then four, at most for an hour. So a
 * call that never ends costs its target a minute, and calls that never do take ever longer to add up.
 *
 * @param tolerated how many hold up nothing.
 */
export function stuckCalls(tolerated = 0): StuckCalls {
  let running = 0;
  let until = 0;
  return {
    add(ended) {
      running++;
      until = performance.now() + Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, running - 1 - tolerated));
      const end = (): void => void running--;
      ended.then(end, end);
    },
    waitMs: () => (running > tolerated ? Math.max(0, until - performance.now()) : 0),
  };
}
