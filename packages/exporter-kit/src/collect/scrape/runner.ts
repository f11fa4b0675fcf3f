import { caught, kindOf, messageOf } from '../../errors/thrown.ts';
import { type LazyAbort, lazyAbort } from '../../time/wait.ts';
import type { Collector } from '../collector.ts';
import { type Context, isUnsupported, type Logger } from '../context.ts';
import type { LiveTarget } from '../source/live-target.ts';
import { countDrops, type Drops } from '../store/drops.ts';
import { Store, type StoreSnapshot, storeOwner } from '../store/store.ts';
import { feeder } from './feeder.ts';
import type { Found } from './join-when-up.ts';

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
  /** Set if it is known at once. */
  readonly outcome?: Outcome;
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

/** Options of {@link runner}. */
export interface RunnerOptions {
  readonly log: Logger;
  /** What the collector reads. */
  readonly target?: LiveTarget;
  /** Throw where samples would be dropped. */
  readonly strict: boolean;
}

interface Run {
  readonly started: number;
  /** When the collector's own `timeoutMs` is over. */
  readonly latest: number;
  /** Whether it reads native histograms at its end. */
  natives: boolean;
  waiters: number;
  deadline: number;
  timer?: NodeJS.Timeout;
  abort?: LazyAbort;
  /** Set once it has ended or is abandoned. */
  outcome?: Outcome;
  /** Absent if it ended at once. */
  done?: Promise<Outcome>;
  settled?: (outcome: Outcome) => void;
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
  function readSamples(natives: boolean): StoreSnapshot | Pick<Outcome, 'error'> {
    const samples = store.snapshot();
    if (fed === undefined) return samples;
    try {
      return { ...samples, columns: fed.columns(samples.columns, natives) };
    } catch (error) {
      samples.release();
      return { error: caught(error) };
    }
  }

  /** Calls `collect`, and waits for what it returns if that can be a promise. */
  function start(found: Found | undefined, natives: boolean): Run {
    const started = performance.now();
    const run: Run = { started, latest: started + timeoutMs, natives, waiters: 1, deadline: 0 };
    // A getter would do, but V8 needs longer to define one than for all else here.
    const context: object = new Proxy(
      { signal: undefined, log, config, ...found, ...feedVersion },
      {
        get: (given, key) => (key === 'signal' ? signalOf(run) : Reflect.get(given, key)),
      },
    );
    let thrown: Pick<Outcome, 'error'> | undefined;
    try {
      const returned: unknown = collector.collect(store.begin(), context as Context<unknown>);
      if (typeof returned === 'object' || typeof returned === 'function') {
        run.done = new Promise((resolve) => {
          run.settled = resolve;
        });
        void waitFor(run, returned);
        return run;
      }
    } catch (error) {
      thrown = { error: caught(error) };
    }
    settle(run, outcomeOf(run, thrown));
    // Scrapes of the same burst come right after each other, and share it.
    void now.then(() => forget(run));
    return run;
  }

  async function waitFor(run: Run, returned: unknown): Promise<void> {
    let thrown: Pick<Outcome, 'error'> | undefined;
    try {
      await returned;
      if (fed !== undefined) await fed.prepare(run.natives);
    } catch (error) {
      thrown = { error: caught(error) };
    }
    overdueSince = undefined;
    // Past its deadline: later writes were discarded, so the result is incomplete.
    if (run.outcome === undefined) settle(run, outcomeOf(run, thrown));
  }

  function outcomeOf(run: Run, thrown: Pick<Outcome, 'error'> | undefined): Outcome {
    const durationMs = performance.now() - run.started;
    const read = thrown ?? readSamples(run.natives);
    if ('columns' in read) return { collector, status: 'ok', durationMs, samples: read };
    store.end();
    const status = isUnsupported(read.error) ? 'unsupported' : 'failed';
    return { collector, status, durationMs, reason: messageOf(read.error), error: read.error };
  }

  /** Abandons the run; no effect once it has an outcome. */
  function stop(run: Run, reason: string): void {
    if (run.outcome !== undefined) return;
    run.abort ??= lazyAbort();
    run.abort.abort(new Error(reason));
    store.end();
    overdueSince = run.started;
    settle(run, { collector, status: 'timeout', durationMs: performance.now() - run.started, reason });
  }

  function settle(run: Run, outcome: Outcome): void {
    clearTimeout(run.timer);
    forget(run);
    last = lastRunOf(outcome);
    const { samples } = outcome;
    const isCached = cacheForMs > 0 && samples !== undefined;
    run.outcome = isCached ? { ...outcome, ageMs: 0 } : outcome;
    // One hold for each waiter, and one for the cache.
    for (let i = 1; i < run.waiters; i++) samples?.hold();
    if (isCached) {
      samples.hold();
      cached = { outcome, at: performance.now(), natives: run.natives };
    }
    if (run.waiters === 0) samples?.release();
    run.settled?.(run.outcome);
  }

  /** From here on, it can't be joined. */
  function forget(run: Run): void {
    if (current === run) current = undefined;
  }

  /** Extends the run to the latest deadline of its waiters, within the collector's own `timeoutMs`. */
  function extend(run: Run, wanted: number): void {
    const deadline = Math.min(wanted, run.latest);
    if (deadline <= run.deadline || run.outcome !== undefined) return;
    run.deadline = deadline;
    clearTimeout(run.timer);
    if (deadline === Infinity) return;
    const late = (): void => stop(run, deadline === run.latest ? OWN_LIMIT : DEADLINE);
    run.timer = setTimeout(late, Math.max(0, deadline - performance.now()));
  }

  function join(deadline: number, { found, natives = false }: JoinOptions = {}): Joined {
    const lacks = (read: { readonly natives: boolean }): boolean => natives && fed !== undefined && !read.natives;
    const now = performance.now();
    if (cached !== undefined) {
      const ageMs = now - cached.at;
      if (ageMs < cacheForMs && !lacks(cached)) {
        cached.outcome.samples?.hold();
        return known({ ...cached.outcome, ageMs });
      }
      cached.outcome.samples?.release();
      cached = undefined;
    }
    if (overdueSince !== undefined) {
      const overdueMs = now - overdueSince;
      return known({ collector, status: 'busy', durationMs: 0, reason: STILL_RUNNING, overdueMs });
    }
    if (current?.outcome !== undefined && lacks(current)) current = undefined;
    if (current === undefined) current = start(found, natives);
    else {
      current.waiters++;
      current.natives ||= natives;
      current.outcome?.samples?.hold();
    }
    const run = current;
    if (run.outcome !== undefined) return known(run.outcome);
    extend(run, deadline);
    return {
      done: run.done!,
      extend: (later) => extend(run, later),
      leave() {
        if (--run.waiters === 0) stop(run, 'no scrape is waiting for it any more');
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
  const series = samples?.columns.reduce((sum, { live }) => sum + live, 0) ?? 0;
  const run = { at: Date.now(), status: status as LastRun['status'], durationMs, series };
  const kind = error === undefined ? undefined : kindOf(error);
  return kind === undefined ? run : { ...run, error: kind };
}

const DEADLINE = "did not end within the scrape's deadline";
const OWN_LIMIT = 'did not end within its own limit';
const STILL_RUNNING = 'skipped: its previous run has not ended yet, past its deadline';

/** Made when it is first read: many collectors never read it. */
function signalOf(run: Run): AbortSignal {
  run.abort ??= lazyAbort();
  return run.abort.signal;
}

const known = (outcome: Outcome): Joined => ({ outcome, done: Promise.resolve(outcome), extend: skip, leave: skip });
const skip = (): void => {};
const now = Promise.resolve();
