import { callSafely, kindOf, messageOf } from '../../errors/thrown.ts';
import { lazyAbort } from '../../time/lazy-abort.ts';
import type { Collector } from '../collector.ts';
import { type Context, isUnsupported, type Logger } from '../context.ts';
import { countDrops, type Drops } from '../store/drops.ts';
import { type Frozen, Store } from '../store/store.ts';
import { storeOwner } from '../store/store-owner.ts';

/** How one run ended, for one who waited for it. */
export interface Outcome {
  readonly collector: Collector;
  /** `busy`: an earlier call has not ended yet, so none was started. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'busy' | 'unsupported';
  readonly durationMs: number;
  /** Why, where it is not `ok`. */
  readonly reason?: string;
  readonly error?: unknown;
  /** What it wrote, where it is `ok`; whoever gets it releases it once. */
  readonly samples?: Frozen;
  /** How old that is, where the collector is cached. */
  readonly ageMs?: number;
  /** For how long its earlier call has gone on, where it is `busy`. */
  readonly overdueMs?: number;
}

/** The last run that ended, or was given up. */
export interface LastRun {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly status: Exclude<Outcome['status'], 'busy'>;
  readonly durationMs: number;
  /** What kind of error it was: its code or its class, never its text. */
  readonly error?: string;
  /** What it wrote, where it is `ok`. */
  readonly series: number;
}

/** A run in progress, as one of its callers sees it. */
export interface Joined {
  /** Never rejects. */
  readonly done: Promise<Outcome>;
  /** Lets the run go on until `deadline`, if it would end earlier; on the clock of `performance.now()`. */
  extend(deadline: number): void;
  /** Waits no longer; the run is aborted when nobody does. Only before `done`. */
  leave(): void;
}

/** Runs one collector for one exporter, one call at a time; who comes while it runs joins. */
export interface Runner {
  readonly collector: Collector;
  readonly drops: Drops;
  /** Whether a call goes on that nobody waits for any more. */
  isOverdue(): boolean;
  last(): LastRun | undefined;
  /** How old what is cached is, if anything is. */
  cacheAgeMs(): number | undefined;
  /** Starts a run, joins the one under way, or hands out what is cached. */
  join(deadline: number): Joined;
}

/** What runners of one exporter share. */
export interface RunnerOptions {
  readonly log: Logger;
  /** Throw where samples would be dropped. */
  readonly strict: boolean;
}

interface Run {
  /** Gives it up; nothing, once it is over. */
  readonly stop: (reason: Error) => void;
  readonly done: Promise<Outcome>;
  /** When the collector's own limit is reached. */
  readonly latest: number;
  waiters: number;
  deadline: number;
  timer: NodeJS.Timeout | undefined;
}

/** Makes the runner of a collector; nothing starts yet. */
export function runner(collector: Collector, config: unknown, { log, strict }: RunnerOptions): Runner {
  const drops = countDrops(strict);
  const store = new Store(storeOwner(collector), drops);
  const { timeoutMs = Infinity, cacheForMs = 0 } = collector;
  let current: Run | undefined;
  // When the call started that goes on although nobody waits for it any more.
  let overdueSince: number | undefined;
  let cached: { readonly outcome: Outcome; readonly at: number } | undefined;
  let last: LastRun | undefined;

  function start(): Run {
    const abort = lazyAbort();
    const started = performance.now();
    const timedOut = (thrown?: { readonly error: unknown }): Outcome => ({
      collector,
      status: 'timeout',
      durationMs: performance.now() - started,
      reason: messageOf(abort.reason),
      ...thrown,
    });
    const context: Context<unknown> = {
      get signal() {
        return abort.signal;
      },
      log,
      config,
    };
    let over = false;
    const ended = callSafely(() => collector.collect(store.begin(), context)).then((thrown): Outcome => {
      over = true;
      overdueSince = undefined;
      // Past its deadline: what it wrote since then went nowhere, and what it wrote before is half a list.
      if (abort.aborted) return timedOut(thrown);
      const durationMs = performance.now() - started;
      if (thrown === undefined) return { collector, status: 'ok', durationMs, samples: store.freeze() };
      store.end();
      const { error } = thrown;
      const status = isUnsupported(error) ? 'unsupported' : 'failed';
      return { collector, status, durationMs, reason: messageOf(error), error };
    });
    let stop = (_reason: Error): void => {};
    const stopped = new Promise<Outcome>((resolve) => {
      stop = (reason) => {
        if (over) return;
        abort.abort(reason);
        store.end();
        overdueSince = started;
        resolve(timedOut());
      };
    });
    const done = Promise.race([ended, stopped]).then((outcome) => {
      clearTimeout(run.timer);
      if (current === run) current = undefined;
      last = lastRunOf(outcome);
      // One hold for each who waits; the cache has its own.
      for (let i = 1; i < run.waiters; i++) outcome.samples?.hold();
      if (cacheForMs > 0 && outcome.samples !== undefined) {
        outcome.samples.hold();
        cached = { outcome, at: performance.now() };
      }
      if (run.waiters === 0) outcome.samples?.release();
      return cacheForMs > 0 && outcome.samples !== undefined ? { ...outcome, ageMs: 0 } : outcome;
    });
    const run: Run = { stop, done, latest: started + timeoutMs, waiters: 0, deadline: 0, timer: undefined };
    return run;
  }

  /** Keeps the run alive until the latest deadline among those who wait, but no longer than the collector itself allows. */
  function extend(run: Run, wanted: number): void {
    const deadline = Math.min(wanted, run.latest);
    if (deadline <= run.deadline) return;
    run.deadline = deadline;
    clearTimeout(run.timer);
    if (deadline === Infinity) return;
    const stop = (): void => run.stop(new Error(deadline === run.latest ? OWN_LIMIT : DEADLINE));
    run.timer = setTimeout(stop, Math.max(0, deadline - performance.now()));
  }

  function join(deadline: number): Joined {
    const now = performance.now();
    if (cached !== undefined) {
      const ageMs = now - cached.at;
      if (ageMs < cacheForMs) {
        cached.outcome.samples?.hold();
        return settled({ ...cached.outcome, ageMs });
      }
      cached.outcome.samples?.release();
      cached = undefined;
    }
    if (overdueSince !== undefined) {
      const overdueMs = now - overdueSince;
      return settled({ collector, status: 'busy', durationMs: 0, reason: STILL_RUNNING, overdueMs });
    }
    current ??= start();
    const run = current;
    run.waiters++;
    extend(run, deadline);
    return {
      done: run.done,
      extend: (later) => extend(run, later),
      leave() {
        if (--run.waiters > 0) return;
        // Nobody may join what is about to end.
        if (current === run) current = undefined;
        run.stop(new Error('nobody waits for its answer any more'));
      },
    };
  }

  return {
    collector,
    drops,
    join,
    isOverdue: () => overdueSince !== undefined,
    last: () => last,
    cacheAgeMs: () => (cached === undefined ? undefined : performance.now() - cached.at),
  };
}

function lastRunOf({ status, durationMs, samples, error }: Outcome): LastRun {
  let series = 0;
  for (const { live } of samples?.columns ?? []) series += live;
  const kind = kindOf(error);
  const run = { at: Date.now(), status: status as LastRun['status'], durationMs, series };
  return kind === undefined ? run : { ...run, error: kind };
}

const DEADLINE = "did not end within the scrape's deadline";
const OWN_LIMIT = 'did not end within its own limit';
const STILL_RUNNING = 'not started: its earlier call still goes on, past its deadline';

const settled = (outcome: Outcome): Joined => ({ done: Promise.resolve(outcome), extend() {}, leave() {} });
