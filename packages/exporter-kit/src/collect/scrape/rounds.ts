import type { Joined, Outcome, Runner } from './runner.ts';

/** Several collectors run for everyone who asked for just these at about the same time. */
export interface Round<R> {
  /**
   * Waits for all of them, until `deadline` at the latest, or until `signal` says that nobody waits any more (it then
   * rejects with the signal's reason). Who must leave early gets what is there by then.
   */
  wait(deadline: number, signal?: AbortSignal): Promise<R>;
}

/** How the outcomes of a round become its result; results are shared, so they are counted. */
export interface Composer<R> {
  /** Takes over the outcomes' holds; the result has one hold. */
  compose(outcomes: readonly Outcome[]): R;
  /** One more hold. */
  hold(result: R): void;
}

/** Starts a round; `over` is called once nobody can join it any more. */
export function startRound<R>(
  runners: readonly Runner[],
  deadline: number,
  composer: Composer<R>,
  over: () => void,
): Round<R> {
  const joined: Joined[] = runners.map((runner) => runner.join(deadline));
  const outcomes: (Outcome | undefined)[] = runners.map(() => undefined);
  let waiters = 0;
  let abandoned = false;
  let composed: R | undefined;

  const whole = Promise.all(
    joined.map(async ({ done }, i) => {
      const outcome = await done;
      if (!abandoned) outcomes[i] = outcome;
    }),
  ).then(() => {
    over();
    if (abandoned) return;
    composed = composer.compose(outcomes as Outcome[]);
    for (let i = 1; i < waiters; i++) composer.hold(composed);
  });

  /** What is there by now; the rest has run out of time for this waiter. */
  function partial(): R {
    const now = outcomes.map((outcome, i): Outcome => {
      outcome?.samples?.hold();
      return outcome ?? { collector: runners[i]!.collector, status: 'timeout', durationMs: 0, reason: TOO_LATE };
    });
    return composer.compose(now);
  }

  function abandon(): void {
    abandoned = true;
    over();
    outcomes.forEach((outcome, i) => {
      if (outcome === undefined) joined[i]!.leave();
      else outcome.samples?.release();
    });
  }

  return {
    async wait(until, signal) {
      signal?.throwIfAborted();
      waiters++;
      for (const run of joined) run.extend(until);
      const early = leaving(until, signal);
      await Promise.race([whole, early.left]);
      early.cancel();
      if (composed !== undefined) return composed;
      try {
        signal?.throwIfAborted();
        return partial();
      } finally {
        if (--waiters === 0) abandon();
      }
    },
  };
}

const TOO_LATE = "did not end within this scrape's deadline";

/** Resolves at the deadline, or when `signal` aborts. */
function leaving(deadline: number, signal: AbortSignal | undefined): { left: Promise<void>; cancel(): void } {
  let cancel = (): void => {};
  const left = new Promise<void>((resolve) => {
    const leave = (): void => resolve();
    // A little after the runs' own timers: a round of one ends with them, and says of each collector what it did.
    const timer = deadline === Infinity ? undefined : setTimeout(leave, Math.max(0, deadline - performance.now()) + 2);
    signal?.addEventListener('abort', leave, { once: true });
    cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    };
  });
  return { left, cancel };
}
