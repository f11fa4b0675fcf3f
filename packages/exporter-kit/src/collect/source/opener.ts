import { caught, messageOf } from '../../errors/thrown.ts';
import { writeDuration } from '../../time/duration.ts';
import { lazyAbort } from '../../time/wait.ts';
import type { Logger } from '../context.ts';
import type { Resolve } from '../destination.ts';
import { type KeptClient, keptClient } from './kept-client.ts';
import type { Source } from './source.ts';
import type { Target } from './targets.ts';

/** Where a source's functions get their surroundings from. */
export interface SourceOptions {
  readonly log: Logger;
  /** Makes what resolves hosts until the signal aborts. */
  readonly resolve: (signal: AbortSignal) => Resolve;
}

/** How a call of `open` ended. */
export type Opened = { readonly client: KeptClient } | { readonly error: unknown; readonly reason: string };

/** Opens clients of one target, one call at a time. */
export interface Opener {
  /** Starts a call, or joins the one in progress. Never rejects. */
  open(): Promise<Opened>;
  /** `stuck`: the call in progress has been aborted and ignores it. No other is started meanwhile. */
  state(): 'idle' | 'opening' | 'stuck';
  /** Aborts the call in progress; its client is closed if it comes all the same. */
  abort(reason: Error): void;
  /** Resolves once no call is in progress and late clients are closed. */
  idle(): Promise<unknown>;
}

/** @param facts name the target in the log. */
export function opener(source: Source, { config }: Target, facts: object, { log, resolve }: SourceOptions): Opener {
  const { openTimeoutMs } = source;
  let current:
    | { readonly done: Promise<Opened>; readonly stop: (reason: Error) => void; isStuck(): boolean }
    | undefined;
  let ended: Promise<unknown> | undefined;

  function start(): Promise<Opened> {
    const abort = lazyAbort();
    const call = (async () => source.open!({ config, log, signal: abort.signal, resolve: resolve(abort.signal) }))();
    const kept = (value: unknown): KeptClient => keptClient(value, (client) => source.close!(client), log, facts);
    const returned = call.then(
      (value): Opened => ({ client: kept(value) }),
      (error: unknown): Opened => ({ error: caught(error), reason: messageOf(caught(error)) }),
    );
    let stop = (_reason: Error): void => {};
    const stopped = new Promise<Opened>((resolve) => {
      stop = (reason) => {
        abort.abort(reason);
        resolve({ error: reason, reason: reason.message });
      };
    });
    const late = new Error(`open did not return within ${writeDuration(openTimeoutMs)}`);
    const timer = setTimeout(stop, openTimeoutMs, late);
    ended = returned.then(async (result) => {
      clearTimeout(timer);
      current = undefined;
      // Too late: its waiters have been rejected already.
      if (abort.aborted && 'client' in result) await result.client.close();
    });
    const done = Promise.race([returned, stopped]);
    current = { done, stop, isStuck: () => abort.aborted };
    return done;
  }

  return {
    open: () => current?.done ?? start(),
    state: () => (current === undefined ? 'idle' : current.isStuck() ? 'stuck' : 'opening'),
    abort: (reason) => current?.stop(reason),
    idle: async () => ended,
  };
}
