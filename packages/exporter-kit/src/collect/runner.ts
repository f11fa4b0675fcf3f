import { setMaxListeners } from 'node:events';
import type { Collector } from './collector.ts';
import { type Context, isUnsupported, type Logger } from './context.ts';
import { countDrops, type Drops } from './drops.ts';
import { type Frozen, Store } from './store.ts';

/** How one run ended, for one who waited for it. */
export interface Outcome {
  readonly collector: string;
  /** `busy`: an earlier call has not ended yet, so none was started. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'busy' | 'unsupported';
  readonly durationMs: number;
  /** Why, where it is not `ok`. */
  readonly reason?: string;
  readonly error?: unknown;
  /** What it wrote, where it is `ok`; release it once. */
  readonly samples?: Frozen;
}

/** Until when, and for whom, a run is wanted. */
export interface Wanted {
  /** On the clock of `performance.now()`; `Infinity` without a deadline. */
  readonly deadline: number;
  /** Resolves when the one who waits can't wait any longer; see {@link leaving}. Default: at the deadline. */
  readonly left?: Promise<undefined>;
}

/** Runs one collector for one exporter, one call at a time; who comes while it runs joins. */
export interface Runner {
  readonly collector: Collector;
  readonly drops: Drops;
  run(wanted: Wanted): Promise<Outcome>;
}

interface Run {
  readonly started: number;
  readonly abort: AbortController;
  readonly done: Promise<Outcome>;
  waiters: number;
  deadline: number;
  timer: NodeJS.Timeout | undefined;
}

/** Makes the runner of a collector; nothing starts yet. */
export function runner(collector: Collector, config: unknown, log: Logger, strict: boolean): Runner {
  const drops = countDrops(strict);
  const store = new Store(
    {
      title: `collector ${collector.name}`,
      metrics: collector.metrics,
      prefix: collector.prefix,
      constLabels: collector.constLabels,
    },
    drops,
  );
  let current: Run | undefined;
  // Set while a call goes on that nobody waits for any more.
  let overdue: number | undefined;

  function start(): Run {
    const abort = new AbortController();
    // A collector may hand its signal to as many reads as it likes.
    setMaxListeners(0, abort.signal);
    const started = performance.now();
    const context: Context<unknown> = { signal: abort.signal, log, config };
    const call = callSafely(() => collector.collect(store.begin(), context));
    const ended = call.then((error): Outcome => {
      overdue = undefined;
      const durationMs = performance.now() - started;
      // Past its deadline: what it wrote since then went nowhere, and what it wrote before is half a list.
      if (run.abort.signal.aborted) return timedOut(durationMs, String((abort.signal.reason as Error).message), error);
      if (error === undefined) return { collector: collector.name, status: 'ok', durationMs, samples: store.freeze() };
      store.end();
      const status = isUnsupported(error) ? 'unsupported' : 'failed';
      return { collector: collector.name, status, durationMs, reason: messageOf(error), error };
    });
    const stopped = new Promise<Outcome>((resolve) => {
      abort.signal.addEventListener('abort', () => {
        store.end();
        if (current === run) current = undefined;
        overdue = started;
        resolve(timedOut(performance.now() - started, String((abort.signal.reason as Error).message)));
      });
    });
    const run: Run = {
      started,
      abort,
      waiters: 0,
      deadline: 0,
      timer: undefined,
      done: Promise.race([ended, stopped]).finally(() => {
        clearTimeout(run.timer);
        if (current === run) current = undefined;
      }),
    };
    return run;
  }

  /** Keeps the run alive until the latest deadline among those who wait. */
  function extend(run: Run, deadline: number): void {
    if (deadline <= run.deadline) return;
    run.deadline = deadline;
    clearTimeout(run.timer);
    if (deadline === Infinity) return;
    const leftMs = Math.max(0, deadline - performance.now());
    run.timer = setTimeout(() => {
      const seconds = ((performance.now() - run.started) / 1000).toFixed(2);
      run.abort.abort(new Error(`no answer within its deadline of ${seconds} s`));
    }, leftMs);
  }

  function timedOut(durationMs: number, reason: string, error?: unknown): Outcome {
    return {
      collector: collector.name,
      status: 'timeout',
      durationMs,
      reason,
      ...(error === undefined ? {} : { error }),
    };
  }

  return {
    collector,
    drops,
    async run({ deadline, left }) {
      if (overdue !== undefined) {
        const seconds = ((performance.now() - overdue) / 1000).toFixed(1);
        const reason = `not started: its earlier call, ${seconds} s old, goes on past its deadline`;
        return { collector: collector.name, status: 'busy', durationMs: 0, reason };
      }
      current ??= start();
      const run = current;
      run.waiters++;
      extend(run, deadline);
      try {
        const outcome = await (left === undefined ? run.done : Promise.race([run.done, left]));
        if (outcome !== undefined) return shared(outcome, run);
        if (run.waiters === 1) run.abort.abort(new Error('nobody waits for its answer any more'));
        return timedOut(performance.now() - run.started, 'no answer within the deadline of this scrape');
      } finally {
        run.waiters--;
      }
    },
  };

  /** The samples come held once; each further waiter holds them too. */
  function shared(outcome: Outcome, run: Run): Outcome {
    if (run.waiters > 1) outcome.samples?.hold();
    return outcome;
  }
}

/** For one who waits for several runs: resolves at the deadline, or when `signal` says that nobody waits any more. */
export function leaving(deadline: number, signal?: AbortSignal): { left: Promise<undefined>; cancel(): void } {
  let cancel = (): void => {};
  const left = new Promise<undefined>((resolve) => {
    const leave = (): void => resolve(undefined);
    // A little after the run's own timer, so that a run with one waiter is told its deadline, not that it was left.
    const timer = deadline === Infinity ? undefined : setTimeout(leave, Math.max(0, deadline - performance.now()) + 1);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) leave();
    cancel = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    };
  });
  return { left, cancel };
}

/** Resolves to what was thrown or rejected; never rejects. */
async function callSafely(call: () => void | Promise<void>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error ?? new Error('a collector threw nothing');
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
