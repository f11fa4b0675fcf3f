import { kindOf } from '../../errors/thrown.ts';
import { type LazyAbort, lazyAbort } from '../../time/wait.ts';
import type { Logger } from '../context.ts';
import type { Outcome } from './runner.ts';

/** A run of a collector. */
export class Run {
  readonly started: number;
  /** When the collector's own `timeoutMs` is over. */
  readonly latest: number;
  /** Whether it reads native histograms at its end. */
  natives: boolean;
  waiters = 1;
  deadline = 0;
  timer: NodeJS.Timeout | undefined = undefined;
  /** Set once it has ended or is abandoned. */
  outcome: Outcome | undefined = undefined;
  /** Absent if it ended at once. */
  done: Promise<Outcome> | undefined = undefined;
  settled: ((outcome: Outcome) => void) | undefined = undefined;

  #abort: LazyAbort | undefined = undefined;

  constructor(started: number, timeoutMs: number, natives: boolean) {
    this.started = started;
    this.latest = started + timeoutMs;
    this.natives = natives;
  }

  /** The run's context, whose `signal` is made when it is first read: many collectors never read it. */
  context(given: { readonly signal: undefined; readonly log: Logger; readonly config: unknown }): object {
    // A getter would do, but V8 needs longer to define one than for all else that a run needs.
    return new Proxy(given, this);
  }

  /** As the proxy's handler. */
  get(context: object, key: string | symbol): unknown {
    return key === 'signal' ? this.aborting.signal : Reflect.get(context, key);
  }

  get aborting(): LazyAbort {
    this.#abort ??= lazyAbort();
    return this.#abort;
  }
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

export function lastRunOf({ status, durationMs, samples, error }: Outcome): LastRun {
  const series = samples?.columns.reduce((sum, { live }) => sum + live, 0) ?? 0;
  const run = { at: Date.now(), status: status as LastRun['status'], durationMs, series };
  const kind = error === undefined ? undefined : kindOf(error);
  return kind === undefined ? run : { ...run, error: kind };
}
