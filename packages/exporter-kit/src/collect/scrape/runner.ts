import { callSafely, caught, kindOf, messageOf } from '../../errors/thrown.ts';
import { lazyAbort } from '../../time/wait.ts';
import type { Collector } from '../collector.ts';
import { type Context, isUnsupported, type Logger } from '../context.ts';
import type { LiveTarget } from '../source/live-target.ts';
import { countDrops, type Drops } from '../store/drops.ts';
import { Store, type StoreSnapshot, storeOwner } from '../store/store.ts';
import { feeder } from './feeder.ts';

/** Outcome of one run, for one scrape that waited for it. */
export interface Outcome {
  /** With the labels of its target, if it has a source. */
  readonly collector: Collector;
  /** `busy`: skipped because the previous run has not ended yet; `down`: skipped because its target is down. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'busy' | 'unsupported' | 'down';
  readonly durationMs: number;
  /** Why it is not `ok`. */
  readonly reason?: string;
  readonly error?: unknown;
  /** What it wrote, if `ok`; release it once. */
  readonly samples?: StoreSnapshot;
  /** Age of a cached result. */
  readonly ageMs?: number;
  /** If `busy`: how long the previous run has taken so far. */
  readonly overdueMs?: number;
}

/** The last run that ended or was abandoned. */
export interface LastRun {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly status: Exclude<Outcome['status'], 'busy' | 'down'>;
  readonly durationMs: number;
  /** The error's code or class, never its text. */
  readonly error?: string;
  /** Number of series written, if `ok`. */
  readonly series: number;
}

/** One scrape's share in a run. */
export interface Joined {
  /** Never rejects. */
  readonly done: Promise<Outcome>;
  /** Extends the run's deadline, if it is earlier than this one; on the clock of `performance.now()`. */
  extend(deadline: number): void;
  /** Stops waiting; a run without waiters is aborted. To be called before `done` only. */
  leave(): void;
}

/** Runs one collector, one call at a time; scrapes that come during a run share it. */
export interface Runner {
  /** With the labels of its target, if it has a source. */
  readonly collector: Collector;
  /** As the exporter declares it. */
  readonly declared: Collector;
  /** What it reads, if it has a source. */
  readonly target?: LiveTarget;
  readonly drops: Drops;
  /** Whether an abandoned run has not ended yet. */
  isOverdue(): boolean;
  last(): LastRun | undefined;
  /** Age of the cached result, if there is one. */
  cacheAgeMs(): number | undefined;
  /** Starts a run, joins the current one, or returns the cached result. */
  join(deadline: number, options?: JoinOptions): Joined;
}

/** Options of {@link Runner.join}. */
export interface JoinOptions {
  /** Given to a run that starts. */
  readonly found?: Found | undefined;
  /** Whether native histograms are asked for, which are larger than all else; default `false`. */
  readonly natives?: boolean | undefined;
}

/** What a source's collectors get beside other context. */
export interface Found {
  readonly client: unknown;
  readonly reading: unknown;
}

/** Options of {@link runner}. */
export interface RunnerOptions {
  readonly log: Logger;
  /** What the collector reads. */
  readonly target?: LiveTarget;
  /** Throw where samples would be dropped. */
  readonly strict: boolean;
}

interface Run {
  /** Abandons the run; no effect once it has ended. */
  readonly stop: (reason: Error) => void;
  readonly done: Promise<Outcome>;
  /** When the collector's own `timeoutMs` is over. */
  readonly latest: number;
  /** Whether it reads native histograms at its end. */
  natives: boolean;
  over: boolean;
  waiters: number;
  deadline: number;
  timer: NodeJS.Timeout | undefined;
}

/** Creates a collector's runner; nothing is started. */
export function runner(declared: Collector, config: unknown, { log, strict, target }: RunnerOptions): Runner {
  const collector = target === undefined ? declared : ofTarget(declared, target.labels);
  const drops = countDrops(strict);
  const store = new Store(storeOwner(collector), drops);
  const fed = feeder(collector, drops);
  const feedVersion = fed && { feedVersion: 1 };
  const { timeoutMs = Infinity, cacheForMs = 0 } = collector;
  let current: Run | undefined;
  // Start of an abandoned run that has not ended yet.
  let overdueSince: number | undefined;
  let cached: { readonly outcome: Outcome; readonly at: number; readonly natives: boolean } | undefined;
  let last: LastRun | undefined;

  /** What the run has written, with the numbers of the collector's feed; or an error that reading these has thrown. */
  function readSamples(natives: boolean): StoreSnapshot | { readonly error: unknown } {
    const samples = store.snapshot();
    if (fed === undefined) return samples;
    try {
      return { ...samples, columns: fed.columns(samples.columns, natives) };
    } catch (error) {
      samples.release();
      return { error: caught(error) };
    }
  }

  function start(found: Found | undefined): Run {
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
      ...found,
      ...feedVersion,
    };
    const ended = callSafely(() => collector.collect(store.begin(), context)).then((thrown): Outcome => {
      run.over = true;
      overdueSince = undefined;
      // Past its deadline: later writes were discarded, so the result is incomplete.
      if (abort.aborted) return timedOut(thrown);
      const durationMs = performance.now() - started;
      const read = thrown ?? readSamples(run.natives);
      if ('columns' in read) return { collector, status: 'ok', durationMs, samples: read };
      store.end();
      const { error } = read;
      const status = isUnsupported(error) ? 'unsupported' : 'failed';
      return { collector, status, durationMs, reason: messageOf(error), error };
    });
    let stop = (_reason: Error): void => {};
    const stopped = new Promise<Outcome>((resolve) => {
      stop = (reason) => {
        if (run.over) return;
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
      // One hold for each waiter, and one for the cache.
      for (let i = 1; i < run.waiters; i++) outcome.samples?.hold();
      if (cacheForMs > 0 && outcome.samples !== undefined) {
        outcome.samples.hold();
        cached = { outcome, at: performance.now(), natives: run.natives };
      }
      if (run.waiters === 0) outcome.samples?.release();
      return cacheForMs > 0 && outcome.samples !== undefined ? { ...outcome, ageMs: 0 } : outcome;
    });
    const run: Run = {
      stop,
      done,
      latest: started + timeoutMs,
      natives: false,
      over: false,
      waiters: 0,
      deadline: 0,
      timer: undefined,
    };
    return run;
  }

  /** Extends the run to the latest deadline of its waiters, within the collector's own `timeoutMs`. */
  function extend(run: Run, wanted: number): void {
    const deadline = Math.min(wanted, run.latest);
    if (deadline <= run.deadline) return;
    run.deadline = deadline;
    clearTimeout(run.timer);
    if (deadline === Infinity) return;
    const stop = (): void => run.stop(new Error(deadline === run.latest ? OWN_LIMIT : DEADLINE));
    run.timer = setTimeout(stop, Math.max(0, deadline - performance.now()));
  }

  function join(deadline: number, { found, natives = false }: JoinOptions = {}): Joined {
    const lacks = (read: { readonly natives: boolean }): boolean => natives && fed !== undefined && !read.natives;
    const now = performance.now();
    if (cached !== undefined) {
      const ageMs = now - cached.at;
      if (ageMs < cacheForMs && !lacks(cached)) {
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
    if (current?.over && lacks(current)) current = undefined;
    current ??= start(found);
    const run = current;
    if (natives) run.natives = true;
    run.waiters++;
    extend(run, deadline);
    return {
      done: run.done,
      extend: (later) => extend(run, later),
      leave() {
        if (--run.waiters > 0) return;
        // A run about to end must not be joined.
        if (current === run) current = undefined;
        run.stop(new Error('no scrape is waiting for it any more'));
      },
    };
  }

  return {
    collector,
    declared,
    ...(target === undefined ? {} : { target }),
    drops,
    join,
    isOverdue: () => overdueSince !== undefined,
    last: () => last,
    cacheAgeMs: () => (cached === undefined ? undefined : performance.now() - cached.at),
  };
}

/** The collector with its target's labels on every series. */
function ofTarget(collector: Collector, labels: LiveTarget['labels']): Collector {
  const constLabels = { ...collector.constLabels, ...labels };
  return Object.keys(labels).length === 0 ? collector : { ...collector, constLabels };
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
const STILL_RUNNING = 'skipped: its previous run has not ended yet, past its deadline';

const settled = (outcome: Outcome): Joined => ({ done: Promise.resolve(outcome), extend() {}, leave() {} });
