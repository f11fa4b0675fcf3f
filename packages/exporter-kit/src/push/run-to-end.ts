import { setMaxListeners } from 'node:events';
import { caught, isError, messageOf, property } from '../errors/thrown.ts';
import { writeDuration } from '../time/duration.ts';
import { underWay } from '../time/under-way.ts';

/** How a job's work came to its end: by itself, or because it was told to. */
export type Ending = 'succeeded' | 'failed' | 'timed out' | 'aborted';

/** What is known when a job's work is over. */
export interface Ended {
  readonly ending: Ending;
  readonly durationSeconds: number;
  /** Why it did not succeed. */
  readonly error?: unknown;
  /** Whether the work still goes on somewhere, because it did not heed its signal. */
  readonly leftBehind: boolean;
}

export interface RunLimits {
  /** Ends the work from outside. */
  readonly signal: AbortSignal;
  /** What the work may take; `undefined` for ever. */
  readonly timeoutMs: number | undefined;
  /** How long the work may take to end once it was told to. */
  readonly graceMs: number;
}

/**
 * Runs a job's work until it ends, or until it was told to and has not done so within its grace. Whatever it does later
 * goes unheard.
 */
export async function runToEnd(
  work: (signal: AbortSignal) => void | Promise<void>,
  { signal, timeoutMs, graceMs }: RunLimits,
): Promise<Ended> {
  // What is not to be done is not begun.
  if (signal.aborted) return { ending: 'aborted', durationSeconds: 0, error: caught(signal.reason), leftBehind: false };
  const started = performance.now();
  const telling = new AbortController();
  // A job may hand it to any number of calls.
  setMaxListeners(0, telling.signal);
  const timers: NodeJS.Timeout[] = [];
  let timedOut = false;
  const tell = (): void => telling.abort(caught(signal.reason));
  signal.addEventListener('abort', tell);
  if (timeoutMs !== undefined) {
    const late = (): void => {
      timedOut = !telling.signal.aborted;
      telling.abort(new Error(`did not end within its time limit of ${writeDuration(timeoutMs)}`));
    };
    timers.push(setTimeout(late, timeoutMs));
  }
  const over = new Promise<'left behind'>((resolve) => {
    const told = (): void => void timers.push(setTimeout(resolve, graceMs, 'left behind'));
    telling.signal.addEventListener('abort', told);
  });
  const done = underWay((async () => work(telling.signal))()).then(
    () => undefined,
    (error: unknown) => ({ error: caught(error) }),
  );
  const end = await Promise.race([done, over]);
  signal.removeEventListener('abort', tell);
  for (const timer of timers) clearTimeout(timer);

  const durationSeconds = (performance.now() - started) / 1000;
  const leftBehind = end === 'left behind';
  if (telling.signal.aborted) {
    const error = leftBehind ? telling.signal.reason : withCause(telling.signal.reason, end?.error);
    return { ending: timedOut ? 'timed out' : 'aborted', durationSeconds, error, leftBehind };
  }
  if (end === undefined || leftBehind) return { ending: 'succeeded', durationSeconds, leftBehind };
  return { ending: 'failed', durationSeconds, error: end.error, leftBehind };
}

/** Why the job was told to end, and what it made of that unless that says no more. */
function withCause(reason: unknown, error: unknown): unknown {
  if (error === undefined || error === reason || !isError(reason) || property(reason, 'cause') !== undefined)
    return reason;
  if (isError(error) && (property(error, 'cause') === reason || property(error, 'name') === 'AbortError'))
    return reason;
  return new Error(messageOf(reason), { cause: error });
}
