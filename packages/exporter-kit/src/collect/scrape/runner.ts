import { caught, messageOf } from '../../errors/thrown.ts';
import type { Collector } from '../collector.ts';
import { type Context, isUnsupported, type Logger } from '../context.ts';
import { ofTarget } from '../decorate.ts';
import { newNames } from '../new-names.ts';
import type { LiveTarget } from '../source/live-target.ts';
import { countDrops, type Drops } from '../store/drops.ts';
import { type HeldSnapshot, Store, type StoreSnapshot, storeOwner } from '../store/store.ts';
import { type Feeder, feeder } from './feeder.ts';
import type { Found } from './join-when-up.ts';
import { type LastRun, lastRunOf, Run } from './run.ts';

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
  /** Whether it has run, and has never waited for anything. */
  endsAtOnce(): boolean;
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

/** Creates a collector's runner; nothing is started. */
export function runner(declared: Collector, config: unknown, options: RunnerOptions): Runner {
  return new CollectorRunner(declared, config, options);
}

/** A class, as there are some of each of thousands of targets: a dozen closures take ten times the memory. */
class CollectorRunner implements Runner {
  readonly collector: Collector;
  readonly declared: Collector;
  readonly target?: LiveTarget;
  readonly drops: Drops;
  readonly #config: unknown;
  readonly #log: Logger;
  readonly #store: Store;
  readonly #feeder: Feeder | undefined;
  readonly #renamed: ReturnType<typeof newNames>;
  #current: Run | undefined;
  // Start of an abandoned run that has not ended yet.
  #overdueSince: number | undefined;
  #cached: { readonly outcome: Outcome; readonly at: number; readonly natives: boolean } | undefined;
  #last: LastRun | undefined;
  // Whether `collect` has ever returned a promise.
  #waits = false;

  constructor(declared: Collector, config: unknown, { log, strict, target }: RunnerOptions) {
    this.declared = declared;
    this.collector = target === undefined ? declared : ofTarget(declared, target.labels);
    if (target !== undefined) this.target = target;
    this.drops = countDrops(strict);
    this.#config = config;
    this.#log = log;
    this.#store = new Store(storeOwner(this.collector), this.drops);
    this.#feeder = feeder(this.collector, this.drops);
    this.#renamed = newNames(this.collector);
  }

  isOverdue(): boolean {
    return this.#overdueSince !== undefined;
  }

  endsAtOnce(): boolean {
    return this.#last !== undefined && !this.#waits;
  }

  last(): LastRun | undefined {
    return this.#last;
  }

  cacheAgeMs(): number | undefined {
    return this.#cached === undefined ? undefined : performance.now() - this.#cached.at;
  }

  join(deadline: number, { found, natives = false }: JoinOptions = {}): Joined {
    const lacks = (read: { readonly natives: boolean }): boolean =>
      natives && this.#feeder !== undefined && !read.natives;
    const now = performance.now();
    if (this.#cached !== undefined) {
      const { outcome, at } = this.#cached;
      if (now - at < (this.collector.cacheForMs ?? 0) && !lacks(this.#cached)) {
        outcome.samples?.hold();
        return new Known({ ...outcome, ageMs: now - at });
      }
      outcome.samples?.release();
      this.#cached = undefined;
    }
    if (this.#overdueSince !== undefined) {
      const overdueMs = now - this.#overdueSince;
      return new Known({ collector: this.collector, status: 'busy', durationMs: 0, reason: STILL_RUNNING, overdueMs });
    }
    if (this.#current?.outcome !== undefined && lacks(this.#current)) this.#current = undefined;
    if (this.#current === undefined) this.#current = this.#start(found, natives);
    else {
      this.#current.waiters++;
      this.#current.natives ||= natives;
      this.#current.outcome?.samples?.hold();
    }
    const run = this.#current;
    if (run.outcome !== undefined) return new Known(run.outcome);
    this.#extend(run, deadline);
    return {
      done: run.done!,
      extend: (later) => this.#extend(run, later),
      leave: () => {
        if (--run.waiters === 0) this.#stop(run, 'no scrape is waiting for it any more');
      },
    };
  }

  /** What the run has written, with the numbers of the collector's feed; or an error that reading these has thrown. */
  #readSamples(natives: boolean): HeldSnapshot | Pick<Outcome, 'error'> {
    const samples = this.#store.snapshot();
    const renamed = this.#renamed;
    if (this.#feeder === undefined && renamed === undefined) return samples;
    try {
      const columns = this.#feeder?.columns(samples.columns, natives) ?? samples.columns;
      return samples.with(renamed?.(columns) ?? columns);
    } catch (error) {
      samples.release();
      return { error: caught(error) };
    }
  }

  /** Calls `collect`, and waits for what it returns if that can be a promise. */
  #start(found: Found | undefined, natives: boolean): Run {
    const run = new Run(performance.now(), this.collector.timeoutMs ?? Infinity, natives);
    const plain = { signal: undefined, log: this.#log, config: this.#config };
    const feedVersion = this.#feeder && { feedVersion: 1 };
    const context = run.context(found || feedVersion ? { ...plain, ...found, ...feedVersion } : plain);
    let thrown: Pick<Outcome, 'error'> | undefined;
    try {
      const returned: unknown = this.collector.collect(this.#store.begin(), context as Context<unknown>);
      const waits = typeof returned === 'object' || typeof returned === 'function';
      this.#waits ||= waits;
      if (waits || this.#feeder?.isReady(natives) === false) {
        run.done = new Promise((resolve) => {
          run.settled = resolve;
        });
        void this.#waitFor(run, returned);
        return run;
      }
    } catch (error) {
      thrown = { error: caught(error) };
    }
    this.#settle(run, this.#outcomeOf(run, thrown));
    // Scrapes of the same burst come right after each other, and share it.
    void now.then(() => this.#forget(run));
    return run;
  }

  async #waitFor(run: Run, returned: unknown): Promise<void> {
    let thrown: Pick<Outcome, 'error'> | undefined;
    try {
      await returned;
      if (this.#feeder !== undefined) await this.#feeder.prepare(run.natives);
    } catch (error) {
      thrown = { error: caught(error) };
    }
    this.#overdueSince = undefined;
    // Past its deadline: later writes were discarded, so the result is incomplete.
    if (run.outcome === undefined) this.#settle(run, this.#outcomeOf(run, thrown));
  }

  #outcomeOf(run: Run, thrown: Pick<Outcome, 'error'> | undefined): Outcome {
    const { collector } = this;
    const durationMs = performance.now() - run.started;
    const read = thrown ?? this.#readSamples(run.natives);
    if ('columns' in read) return { collector, status: 'ok', durationMs, samples: read };
    this.#store.end();
    const status = isUnsupported(read.error) ? 'unsupported' : 'failed';
    return { collector, status, durationMs, reason: messageOf(read.error), error: read.error };
  }

  /** Abandons the run; no effect once it has an outcome. */
  #stop(run: Run, reason: string): void {
    if (run.outcome !== undefined) return;
    run.aborting.abort(new Error(reason));
    this.#store.end();
    this.#overdueSince = run.started;
    const durationMs = performance.now() - run.started;
    this.#settle(run, { collector: this.collector, status: 'timeout', durationMs, reason });
  }

  #settle(run: Run, outcome: Outcome): void {
    clearTimeout(run.timer);
    this.#forget(run);
    this.#last = lastRunOf(outcome);
    const { samples } = outcome;
    const isCached = (this.collector.cacheForMs ?? 0) > 0 && samples !== undefined;
    run.outcome = isCached ? { ...outcome, ageMs: 0 } : outcome;
    // One hold for each waiter, and one for the cache.
    for (let i = 1; i < run.waiters; i++) samples?.hold();
    if (isCached) {
      samples.hold();
      this.#cached = { outcome, at: performance.now(), natives: run.natives };
    }
    if (run.waiters === 0) samples?.release();
    run.settled?.(run.outcome);
  }

  /** From here on, it can't be joined. */
  #forget(run: Run): void {
    if (this.#current === run) this.#current = undefined;
  }

  /** Extends the run to the latest deadline of its waiters, within the collector's own `timeoutMs`. */
  #extend(run: Run, wanted: number): void {
    const deadline = Math.min(wanted, run.latest);
    if (deadline <= run.deadline || run.outcome !== undefined) return;
    run.deadline = deadline;
    clearTimeout(run.timer);
    if (deadline === Infinity) return;
    const late = (): void => this.#stop(run, deadline === run.latest ? OWN_LIMIT : DEADLINE);
    run.timer = setTimeout(late, Math.max(0, deadline - performance.now()));
  }
}

const DEADLINE = "did not end within the scrape's deadline";
const OWN_LIMIT = 'did not end within its own limit';
const STILL_RUNNING = 'skipped: its previous run has not ended yet, past its deadline';

/** A share in a run that has ended. */
class Known implements Joined {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    this.outcome = outcome;
  }
  get done(): Promise<Outcome> {
    return Promise.resolve(this.outcome);
  }
  extend(): void {}
  leave(): void {}
}

const now = Promise.resolve();
