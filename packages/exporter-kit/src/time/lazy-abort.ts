import { setMaxListeners } from 'node:events';

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
