import { setMaxListeners } from 'node:events';

/** An AbortController that is made when its signal is first looked at: many collectors never do. */
export interface LazyAbort {
  readonly aborted: boolean;
  /** Why; before that, `undefined`. */
  readonly reason: Error | undefined;
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/** Makes one. */
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
        // A collector may hand its signal to as many reads as it likes.
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
