import type { Logger } from '../collect/context.ts';
import { type Guard, isBlockedDestination, placeOfTarget } from '../collect/destination.ts';
import { newNames } from '../collect/new-names.ts';
import type { Probe, ProbeContext } from '../collect/probe.ts';
import { countDrops, type Drops } from '../collect/store/drops.ts';
import { Store, type StoreSnapshot } from '../collect/store/store.ts';
import { callSafely, messageOf } from '../errors/thrown.ts';
import { lazyAbort, within } from '../time/wait.ts';

/** The result of one probe run. */
export interface ProbeOutcome {
  /** `refused`: the guard blocks the target, and nothing was sent. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'refused';
  readonly durationMs: number;
  /** Set unless `ok`. */
  readonly reason?: string;
  readonly error?: unknown;
  /** Everything it wrote, however it ended. */
  readonly samples: StoreSnapshot;
  readonly drops: Drops;
  /** Resolves when the call has ended: later than the run if it ignores its signal. */
  readonly over: Promise<unknown>;
}

/** Parameters of one probe run. */
export interface ProbeRun {
  readonly target: string;
  /** The module's settings, parsed by the probe's `config`. */
  readonly config: unknown;
  readonly log: Logger;
  readonly guard: Guard;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the client disconnects. */
  readonly gone?: AbortSignal;
  /** Throws instead of dropping samples; for tests. */
  readonly strict?: boolean;
  /** Counts dropped samples across runs. */
  readonly dropped?: Drops;
}

/** Runs a probe once, in its own store, at most until its deadline. Never rejects. */
export async function runProbe(probe: Probe, run: ProbeRun): Promise<ProbeOutcome> {
  const { deadline, gone, log, strict = false, dropped } = run;
  const drops = countDrops(strict, dropped);
  const store = new Store({ title: `probe ${probe.name}`, metrics: probe.metrics }, drops);
  const started = performance.now();
  const abort = lazyAbort();
  const visit = run.guard(abort.signal);
  const context: ProbeContext<unknown> = {
    signal: abort.signal,
    log,
    config: run.config,
    target: run.target,
    resolve: visit.resolve,
  };
  let timer: NodeJS.Timeout | undefined;
  let leave = (): void => {};
  const stopped = new Promise<Error>((resolve) => {
    const stop = (reason: Error): void => {
      abort.abort(reason);
      resolve(reason);
    };
    timer = setTimeout(() => stop(new Error(LATE)), Math.max(0, deadline - started));
    leave = () => stop(new Error('client disconnected'));
    if (gone?.aborted) leave();
    gone?.addEventListener('abort', leave);
  });
  // For last samples of a probe that handles its signal; taken from the offset between deadline and scrape timeout.
  const graceMs = Math.min(50, Math.max(0, deadline - started) / 4);
  const writers = store.begin();
  const over = callSafely(async () => {
    const place = probe.targets === 'hosts' ? placeOfTarget(run.target) : undefined;
    if (place !== undefined) await visit.judge(place);
    if (!abort.aborted) await probe.probe(writers, context);
  });
  const thrown = await Promise.race([over, stopped.then((error) => within(over, graceMs, { error }))]);
  clearTimeout(timer);
  gone?.removeEventListener('abort', leave);

  const written = store.snapshot();
  const renamed = newNames(probe)?.(written.columns);
  const samples = renamed === undefined ? written : written.with(renamed);
  const ended = { durationMs: performance.now() - started, samples, drops, over, ...thrown };
  if (abort.reason !== undefined) return { ...ended, status: 'timeout', reason: messageOf(abort.reason) };
  if (thrown === undefined) return { ...ended, status: 'ok' };
  const { error } = thrown;
  const refused = isBlockedDestination(error) && !visit.begun;
  return { ...ended, status: refused ? 'refused' : 'failed', reason: messageOf(error) };
}

const LATE = 'did not end within its time';
