import { caught, messageOf } from '../../errors/thrown.ts';
import { writeDuration } from '../../time/duration.ts';
import { lazyAbort } from '../../time/wait.ts';
import type { Logger } from '../context.ts';
import type { Resolve } from '../destination.ts';
import { type KeptClient, keptClient } from './kept-client.ts';
import type { Source } from './source.ts';
import { stuckCalls } from './stuck-calls.ts';
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
  isOpening(): boolean;
  /** How long another call has to wait for earlier ones that ignore their signal, or for clients that do not close. */
  stuckMs(): number;
  /** Aborts the call in progress; its client is closed if it comes all the same. */
  abort(reason: Error): void;
  /** Resolves once no call is in progress and late clients are closed. */
  idle(): Promise<unknown>;
}

// A client that does not close may well be one whose server is gone.
const UNCLOSED = 3;

/** @param facts name the target in the log. */
export function opener(source: Source, { config }: Target, facts: object, { log, resolve }: SourceOptions): Opener {
  const { openTimeoutMs } = source;
  let current: { readonly done: Promise<Opened>; readonly stop: (reason: Error) => void } | undefined;
  let ended: Promise<unknown> | undefined;
  const stuck = stuckCalls();
  const unclosed = stuckCalls(UNCLOSED);

  function start(): Promise<Opened> {
    const abort = lazyAbort();
    const call = (async () => source.open!({ config, log, signal: abort.signal, resolve: resolve(abort.signal) }))();
    const close = (client: unknown): unknown => source.close!(client);
    const kept = (value: unknown): KeptClient => keptClient(value, close, log, facts, unclosed);
    const returned = call.then(
      (value): Opened => ({ client: kept(value) }),
      (error: unknown): Opened => ({ error: caught(error), reason: messageOf(caught(error)) }),
    );
    let stop = (_reason: Error): void => {};
    const stopped = new Promise<Opened>((resolve) => {
      stop = (reason) => {
        if (abort.aborted) return;
        if (current === mine) current = undefined;
        abort.abort(reason);
        stuck.add(mine.ended);
        resolve({ error: reason, reason: reason.message });
      };
    });
    // Made when it is needed: an error holds on to all that its stack refers to, and a timer to its arguments.
    const late = (): Error => new Error(`open did not return within ${writeDuration(openTimeoutMs)}`);
    const timer = setTimeout(() => stop(late()), openTimeoutMs);
    const settled = returned.then(async (result) => {
      clearTimeout(timer);
      if (current === mine) current = undefined;
      // Too late: its waiters have been rejected already.
      if (abort.aborted && 'client' in result) await result.client.close();
    });
    const mine = { done: Promise.race([returned, stopped]), stop, ended: settled };
    current = mine;
    ended = settled;
    return mine.done;
  }

  return {
    open: () => current?.done ?? start(),
    isOpening: () => current !== undefined,
    stuckMs: () => Math.max(stuck.waitMs(), unclosed.waitMs()),
    abort: (reason) => current?.stop(reason),
    idle: async () => ended,
  };
}
