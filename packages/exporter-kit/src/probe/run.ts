import type { Logger } from '../collect/context.ts';
import { type Guard, isBlockedDestination, placeOfTarget } from '../collect/destination.ts';
import type { Probe, ProbeContext } from '../collect/probe.ts';
import { countDrops, type Drops } from '../collect/store/drops.ts';
import { type Frozen, Store } from '../collect/store/store.ts';
import { callSafely, messageOf } from '../errors/thrown.ts';
import { lazyAbort } from '../time/lazy-abort.ts';

/** How one run of a probe ended. */
export interface ProbeOutcome {
  /** `refused`: the target leads to where no probe may go, and nothing was sent to it. */
  readonly status: 'ok' | 'failed' | 'timeout' | 'refused';
  readonly durationMs: number;
  /** Why, where it is not `ok`. */
  readonly reason?: string;
  readonly error?: unknown;
  /** What it wrote, however it ended. */
  readonly samples: Frozen;
  readonly drops: Drops;
  /** Resolves when its call is over: later than the run, where it ignores its signal. */
  readonly over: Promise<unknown>;
}

/** What one run of a probe is about. */
export interface ProbeRun {
  readonly target: string;
  /** The module's settings, parsed by the probe's `config`. */
  readonly config: unknown;
  readonly log: Logger;
  readonly guard: Guard;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Aborts when the one who waits is gone. */
  readonly gone?: AbortSignal;
  /** Throw where samples would be dropped; for tests. */
  readonly strict?: boolean;
  /** Counts what is dropped over all runs. */
  readonly dropped?: Drops;
}

/** Runs a probe once, on a store of its own, until its deadline at the latest. Never rejects. */
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
    leave = () => stop(new Error('nobody waits for its answer any more'));
    if (gone?.aborted) leave();
    gone?.addEventListener('abort', leave);
  });
  // Taken of what the scraper gives beyond the deadline.
  const graceMs = Math.min(50, Math.max(0, deadline - started) / 4);
  const writers = store.begin();
  const over = callSafely(async () => {
    const place = probe.targets === 'hosts' ? placeOfTarget(run.target) : undefined;
    if (place !== undefined) await visit.judge(place);
    if (!abort.aborted) await probe.probe(writers, context);
  });
  const thrown = await Promise.race([over, stopped.then((reason) => lastWords(over, reason, graceMs))]);
  clearTimeout(timer);
  gone?.removeEventListener('abort', leave);

  const samples = store.freeze();
  const ended = { durationMs: performance.now() - started, samples, drops, over, ...thrown };
  if (abort.reason !== undefined) return { ...ended, status: 'timeout', reason: messageOf(abort.reason) };
  if (thrown === undefined) return { ...ended, status: 'ok' };
  const { error } = thrown;
  const refused = isBlockedDestination(error) && !visit.begun;
  return { ...ended, status: refused ? 'refused' : 'failed', reason: messageOf(error) };
}

/** A probe that heeds its signal has a moment to write what it knows. */
async function lastWords<T>(over: Promise<T>, error: Error, graceMs: number): Promise<T | { readonly error: Error }> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<{ readonly error: Error }>((resolve) => {
    timer = setTimeout(() => resolve({ error }), graceMs);
  });
  const thrown = await Promise.race([over, grace]);
  clearTimeout(timer);
  return thrown;
}

const LATE = 'did not end within its time';
