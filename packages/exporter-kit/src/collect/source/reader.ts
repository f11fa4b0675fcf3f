import { caught, messageOf } from '../../errors/thrown.ts';
import { lazyAbort } from '../../time/wait.ts';
import type { OpenContext, Source } from './source.ts';

/** How a call of `read` ended. `late`: at its deadline; the call may go on. */
export type ReadResult =
  | { readonly status: 'ok'; readonly reading: unknown }
  | { readonly status: 'failed' | 'late'; readonly error: unknown; readonly reason: string };

/** A call of `read` in progress. */
export interface Reading {
  /** Never rejects. */
  readonly done: Promise<ReadResult>;
  /** Lets it go on until `deadline`, on the clock of `performance.now()`, if that is later than before. */
  extend(deadline: number): void;
  /** Resolves when the call has really ended. */
  readonly ended: Promise<unknown>;
}

export const LATE = "did not answer within the scrape's deadline";

/** Calls `read`, at most until the deadline. */
export function startReading(
  source: Source,
  client: unknown,
  context: Omit<OpenContext<unknown>, 'signal' | 'resolve'> & { resolve(signal: AbortSignal): OpenContext['resolve'] },
  deadline: number,
): Reading {
  const abort = lazyAbort();
  const { config, log } = context;
  const call = (async () =>
    source.read({
      client,
      config,
      log,
      get signal() {
        return abort.signal;
      },
      resolve: (where) => context.resolve(abort.signal)(where),
    }))();
  const returned = call.then(
    (reading): ReadResult => ({ status: 'ok', reading }),
    (thrown: unknown): ReadResult => {
      const error = caught(thrown);
      return { status: 'failed', error, reason: messageOf(error) };
    },
  );
  let latest = deadline;
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const stopped = new Promise<ReadResult>((resolve) => {
    stop = () => {
      const error = new Error(LATE);
      abort.abort(error);
      resolve({ status: 'late', error, reason: LATE });
    };
  });
  function arm(): void {
    clearTimeout(timer);
    if (latest !== Infinity) timer = setTimeout(stop, Math.max(0, latest - performance.now()));
  }
  arm();
  const done = Promise.race([returned, stopped]).finally(() => clearTimeout(timer));
  return {
    done,
    ended: returned,
    extend(later) {
      if (later <= latest) return;
      latest = later;
      arm();
    },
  };
}
