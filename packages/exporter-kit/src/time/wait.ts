import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';

/** Time for work that handles the signal itself to reject with an error of its own. */
const GRACE_MS = 50;

/** The result of `work`; `graceMs` after the signal aborts, a rejection with its reason. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  // A later rejection would be unhandled.
  work.catch(() => {});
  if (graceMs === 0) signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      if (graceMs === 0) reject(signal.reason);
      else timer = setTimeout(() => reject(signal.reason), graceMs);
    };
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}

/**
 * Calls `work` and waits for it until the signal aborts. It counts as pending until it settles.
 *
 * @throws what `work` throws; the signal's reason if it aborts first.
 */
export async function inTime<T>(signal: AbortSignal, work: () => Promise<T>, graceMs: number = GRACE_MS): Promise<T> {
  signal.throwIfAborted();
  return unlessAborted(underWay(work()), signal, graceMs);
}

/** The result of the work, or `otherwise` if it takes longer than `ms`. */
export async function within<T, U>(work: Promise<T>, ms: number, otherwise: U): Promise<T | U> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<U>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

let pending = 0;

/** Counts a call as pending until it settles, even after it is abandoned. Returns it. */
export function underWay<T>(call: Promise<T>): Promise<T> {
  pending++;
  const settled = (): void => {
    pending--;
  };
  call.then(settled, settled);
  return call;
}

/** Whether a job or delivery is still pending, abandoned ones included. */
export const isUnderWay = (): boolean => pending > 0;

// Of one turn of the event loop, for all work that is under way.
const SLICE_MS = 2;
// How many wait for their next slice.
let waiting = 0;

/**
 * Returns a function to call between steps of long work. Every few milliseconds it yields to the event loop; awaiting
 * `drain` does not, since on a fast socket that comes in the same turn. After that it rejects if the signal has aborted.
 * All that is under way shares those milliseconds: 200 large responses would make turns of 400 ms otherwise.
 */
export function slices(signal?: AbortSignal): () => Promise<void> | undefined {
  // All that wait get their slices in the same turn.
  const sliceMs = (): number => SLICE_MS / (waiting + 1);
  let ends = performance.now() + sliceMs();
  return () => {
    if (performance.now() <= ends) return undefined;
    waiting++;
    return setImmediate().then(() => {
      waiting--;
      ends = performance.now() + sliceMs();
      signal?.throwIfAborted();
    });
  };
}

/** An AbortController created when its signal is first read: many collectors never read it. */
export interface LazyAbort {
  readonly aborted: boolean;
  /** `undefined` until aborted. */
  readonly reason: Error | undefined;
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

export function lazyAbort(): LazyAbort {
  let controller: AbortController | undefined;
  let reason: Error | undefined;
  return {
    get aborted() {
      return reason !== undefined;
    },
    get reason() {
      return reason;
    },
    get signal() {
      if (controller === undefined) {
        controller = new AbortController();
        // A collector may pass its signal to any number of reads.
        setMaxListeners(0, controller.signal);
        if (reason !== undefined) controller.abort(reason);
      }
      return controller.signal;
    },
    abort(why) {
      reason ??= why;
      controller?.abort(reason);
    },
  };
}
