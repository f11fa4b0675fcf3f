import { slices } from '../../time/wait.ts';
import type { Answer, LiveTarget, Waiter } from '../source/live-target.ts';
import { bursts } from './bursts.ts';
import { downOutcome, joinWhenUp, type TargetAnswer } from './join-when-up.ts';
import type { Joined, Outcome, Runner } from './runner.ts';

/** Those that wait for a scrape. */
export interface Client {
  /** Whether it has disconnected. */
  readonly isGone: boolean;
  /** Aborts when it disconnects. May be made when it is first read: most scrapes are over before anything listens. */
  readonly signal: AbortSignal;
}

/** A client of which there is a signal. */
export const clientOf = (signal: AbortSignal): Client => ({
  signal,
  get isGone() {
    return signal.aborted;
  },
});

/** One scrape that waits for a round. */
export interface Asking {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly client?: Client | undefined;
  /**
   * Maximum concurrent rounds of scrapes that are limited. One that needs one more, or comes while 1000 are waiting, is
   * rejected. Default: this scrape is not limited.
   */
  readonly maxRounds?: number | undefined;
}

/** What a round runs, and what it makes of the outcomes. */
export interface Plan<R> extends Composer<R> {
  readonly runners: readonly Runner[];
  /** Targets to ask; those of the runners, and others that only say whether they are up. */
  readonly targets: readonly LiveTarget[];
  /** Whether native histograms are asked for; default `false`. */
  readonly natives?: boolean | undefined;
}

// Share of the time until the deadline after which collectors run without pauses.
const MOST_PAUSES = 0.1;
// Each waiting scrape costs a connection and a few kilobytes.
const MAX_WAITING = 1000;

/**
 * Returns a function that waits for a round. Concurrent scrapes with the same key share one; `plan` describes a new one. It
 * rejects with {@link TooManyScrapes}, or with the signal's reason.
 */
export function rounds<R>(): (key: string, asking: Asking, plan: () => Plan<R>) => Promise<R> {
  const running = new Map<string, Round<R>>();
  const endOfBurst = bursts();
  let waiting = 0;
  // Rounds that count.
  const limited = new Set<Round<R>>();

  function start(key: string, deadline: number, plan: Plan<R>): Round<R> {
    const round = startRound(plan, deadline, () => {
      if (running.get(key) === round) running.delete(key);
      limited.delete(round);
    });
    running.set(key, round);
    return round;
  }

  return async (key, { deadline, client, maxRounds }, plan) => {
    unlessGone(client);
    if (maxRounds !== undefined && waiting >= MAX_WAITING) throw new TooManyScrapes();
    waiting++;
    try {
      await endOfBurst();
      unlessGone(client);
      let round = running.get(key);
      if (round === undefined) {
        if (maxRounds !== undefined && limited.size >= maxRounds) throw new TooManyScrapes();
        round = start(key, deadline, plan());
        if (maxRounds !== undefined) limited.add(round);
      }
      return await round.wait(deadline, client);
    } finally {
      waiting--;
    }
  };
}

/** @throws the reason of its signal if the client is gone. */
function unlessGone(client: Client | undefined): void {
  if (client?.isGone) client.signal.throwIfAborted();
}

/** A scrape was rejected because too many are in progress. */
export class TooManyScrapes extends Error {
  override readonly name = 'TooManyScrapes';

  constructor() {
    super('too many concurrent scrapes; try again in a second');
  }
}

/** Collectors run once for all scrapes that select them at about the same time. */
interface Round<R> {
  /**
   * Waits for all collectors. At `deadline` it resolves with what is there by then; when the client disconnects, it rejects
   * with the reason of its signal.
   */
  wait(deadline: number, client?: Client): R | Promise<R>;
}

/** Makes a round's result from its outcomes. Results are shared, so their holders are counted. */
interface Composer<R> {
  /** Takes over the outcomes' holds. The result has one holder. */
  compose(outcomes: readonly Outcome[], answers: readonly TargetAnswer[]): R;
  /** Adds a holder. */
  hold(result: R): void;
}

/** Starts a round; `over` is called once no scrape can join it any more. */
function startRound<R>(plan: Plan<R>, deadline: number, over: () => void): Round<R> {
  const { runners, targets, natives = false } = plan;
  const pause = slices();
  const waiting = new Map(targets.map((target) => [target, target.join(deadline)]));
  // Those that may wait for something begin at once: they may need all the time until the deadline.
  const joined = runners.map((runner) => {
    if (runner.target !== undefined) return joinWhenUp(runner, waiting.get(runner.target)!, deadline, natives);
    return runner.endsAtOnce() ? undefined : runner.join(deadline, { natives });
  });
  let next = joined.indexOf(undefined);
  let paused: Promise<void> | undefined;
  while (next !== -1 && paused === undefined) {
    joined[next] = runners[next]!.join(deadline, { natives });
    next = joined.indexOf(undefined, next);
    // One after the other, they must not block the event loop for as long as all of them together.
    if (next !== -1) paused = pause();
  }
  const outcomes = joined.map((run) => run?.outcome);
  if (waiting.size > 0 || paused !== undefined || outcomes.includes(undefined)) {
    return slowRound(plan, deadline, over, { waiting, joined, outcomes, pause, paused });
  }
  // Most collectors have nothing to wait for.
  const composed = plan.compose(outcomes as Outcome[], []);
  // Scrapes of the same burst come right after each other, and share it.
  queueMicrotask(over);
  let waiters = 0;
  return {
    wait() {
      if (++waiters > 1) plan.hold(composed);
      return composed;
    },
  };
}

/** A round that has begun; lists are by the number of the runner. */
interface Begun {
  readonly waiting: ReadonlyMap<LiveTarget, Waiter>;
  /** Without those whose turn has not come. */
  readonly joined: (Joined | undefined)[];
  readonly outcomes: (Outcome | undefined)[];
  readonly pause: ReturnType<typeof slices>;
  /** To be awaited before the next one's turn. */
  readonly paused: Promise<void> | undefined;
}

/** A round that waits for runs or targets, or has more to run than one turn of the event loop should. */
function slowRound<R>(
  { runners, targets, natives = false, ...composer }: Plan<R>,
  deadline: number,
  over: () => void,
  { waiting, joined, outcomes, pause, paused }: Begun,
): Round<R> {
  const answers = new Map<LiveTarget, Answer>();
  // Runs without an outcome, by the number of their runner.
  const pending = new Map<number, Joined>();
  const ends: Promise<void>[] = [];
  let turn = 0;
  let latest = deadline;
  let waiters = 0;
  let abandoned = false;
  let composed: R | undefined;
  joined.forEach((run, i) => {
    if (run !== undefined && run.outcome === undefined) ends.push(ended(run, i));
  });

  async function ended(run: Joined, i: number): Promise<void> {
    pending.set(i, run);
    const outcome = await run.done;
    if (abandoned) return;
    outcomes[i] = outcome;
    pending.delete(i);
  }

  /** Runs the next one whose turn has not come; whether there was one. */
  function runNext(): boolean {
    turn = joined.indexOf(undefined, turn);
    if (turn === -1) return false;
    const run = runners[turn]!.join(latest, { natives });
    joined[turn] = run;
    outcomes[turn] = run.outcome;
    // It ended at once until now.
    if (run.outcome === undefined) ends.push(ended(run, turn));
    return true;
  }

  async function runOthers(): Promise<void> {
    // While others keep the event loop busy, a pause is as long as their work.
    const patience = performance.now() + (deadline - performance.now()) * MOST_PAUSES;
    await paused;
    while (!abandoned && runNext()) if (performance.now() < patience) await pause();
    await Promise.all(ends);
  }

  const whole = Promise.all([
    runOthers(),
    ...Array.from(waiting, async ([target, { done }]) => void answers.set(target, await done)),
  ]).then(() => {
    over();
    // Their clients may be closed now, as no run uses them any more.
    for (const answer of answers.values()) if (answer.up) answer.release();
    if (abandoned) return;
    composed = composer.compose(outcomes as Outcome[], answersSoFar());
    for (let i = 1; i < waiters; i++) composer.hold(composed);
  });

  function answersSoFar(): TargetAnswer[] {
    return targets.map((target) => ({ target, answer: answers.get(target) ?? target.late() }));
  }

  /** The outcomes so far, for a waiter whose deadline has come; the others are timeouts, or their targets are down. */
  function partial(): R {
    // It is not their fault that their turn has not come.
    while (runNext());
    const now = outcomes.map((outcome, i): Outcome => {
      outcome?.samples?.hold();
      if (outcome !== undefined) return outcome;
      const { collector, target } = runners[i]!;
      if (target !== undefined && answers.get(target)?.up !== true) return downOutcome({ collector });
      return { collector, status: 'timeout', durationMs: 0, reason: TOO_LATE };
    });
    return composer.compose(now, answersSoFar());
  }

  function abandon(): void {
    abandoned = true;
    over();
    for (const [target, { leave }] of waiting) if (!answers.has(target)) leave();
    for (const run of pending.values()) run.leave();
    for (const outcome of outcomes) outcome?.samples?.release();
  }

  return {
    async wait(until, client) {
      unlessGone(client);
      waiters++;
      latest = Math.max(latest, until);
      for (const one of waiting.values()) one.extend(until);
      for (const run of pending.values()) run.extend(until);
      const early = leaving(until, client?.signal);
      await Promise.race([whole, early.left]);
      early.cancel();
      if (composed !== undefined) return composed;
      try {
        unlessGone(client);
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
    // Slightly after the runs' own timers, so that a single scrape gets the outcome of each run.
    const timer = deadline === Infinity ? undefined : setTimeout(leave, Math.max(0, deadline - performance.now()) + 4);
    signal?.addEventListener('abort', leave, { once: true });
    cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    };
  });
  return { left, cancel };
}
