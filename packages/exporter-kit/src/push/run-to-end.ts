import { setMaxListeners } from 'node:events';
import { caught, isError, messageOf, property } from '../errors/thrown.ts';
import { writeDuration } from '../time/duration.ts';
import { underWay } from '../time/wait.ts';

/** Default of `graceMs`. */
export const GRACE_MS: number = 5000;

/** How a job's work ended. */
export type Ending = 'succeeded' | 'failed' | 'timed out' | 'aborted';

/** Outcome of a job's work. */
export interface Ended {
  readonly ending: Ending;
  readonly durationSeconds: number;
  /** Why it did not succeed. */
  readonly error?: unknown;
  /** Whether the work is still running because it ignored its signal. */
  readonly leftBehind: boolean;
}

export interface RunLimits {
  /** Aborts the work. */
  readonly signal: AbortSignal;
  /** Time limit of the work; `undefined` for none. */
  readonly timeoutMs: number | undefined;
  /** Time the work gets to finish once aborted. */
  readonly graceMs: number;
}

/**
 * Runs a job's work until it ends, or until it has been aborted and its grace period is over. Later results and errors are
 * ignored.
 */
export async function runToEnd(
  work: (signal: AbortSignal) => void | Promise<void>,
  { signal, timeoutMs, graceMs }: RunLimits,
): Promise<Ended> {
  if (signal.aborted) return { ending: 'aborted', durationSeconds: 0, error: caught(signal.reason), leftBehind: false };
  const started = performance.now();
  const aborting = new AbortController();
  // A job may hand it to any number of calls.
  setMaxListeners(0, aborting.signal);
  const timers: NodeJS.Timeout[] = [];
  let timedOut = false;
  const abort = (): void => aborting.abort(caught(signal.reason));
  signal.addEventListener('abort', abort);
  if (timeoutMs !== undefined) {
    const late = (): void => {
      timedOut = !aborting.signal.aborted;
      aborting.abort(new Error(`exceeded its time limit of ${writeDuration(timeoutMs)}`));
    };
    timers.push(setTimeout(late, timeoutMs));
  }
  const over = new Promise<'left behind'>((resolve) => {
    const startGrace = (): void => void timers.push(setTimeout(resolve, graceMs, 'left behind'));
    aborting.signal.addEventListener('abort', startGrace);
  });
  const done = underWay((async () => work(aborting.signal))()).then(
    () => undefined,
    (error: unknown) => ({ error: caught(error) }),
  );
  const end = await Promise.race([done, over]);
  signal.removeEventListener('abort', abort);
  for (const timer of timers) clearTimeout(timer);

  const durationSeconds = (performance.now() - started) / 1000;
  const leftBehind = end === 'left behind';
  if (aborting.signal.aborted) {
    const error = leftBehind ? aborting.signal.reason : withCause(aborting.signal.reason, end?.error);
    return { ending: timedOut ? 'timed out' : 'aborted', durationSeconds, error, leftBehind };
  }
  if (end === undefined || leftBehind) return { ending: 'succeeded', durationSeconds, leftBehind };
  return { ending: 'failed', durationSeconds, error: end.error, leftBehind };
}

/** The abort reason, with the job's own error as its cause where that adds something. */
function withCause(reason: unknown, error: unknown): unknown {
  if (error === undefined || error === reason || !isError(reason) || property(reason, 'cause') !== undefined)
    return reason;
  if (isError(error) && (property(error, 'cause') === reason || property(error, 'name') === 'AbortError'))
    return reason;
  return new Error(messageOf(reason), { cause: error });
}
