import { caught } from '../../errors/thrown.ts';
import { within } from '../../time/wait.ts';
import type { Logger } from '../context.ts';
import type { StuckCalls } from './stuck-calls.ts';

/** An open client that is kept between scrapes. */
export interface KeptClient {
  readonly value: unknown;
  /** Adds a user; each calls `release` once. */
  hold(): void;
  release(): void;
  /** Closes it after its last release; resolves when that is done, or after 5 s. Idempotent. */
  close(): Promise<void>;
}

export const CLOSE_MS = 5000;

/**
 * @param close the source's; a failure or a late end is one warning.
 * @param facts name the target in the log.
 * @param stuck gets calls of `close` that are late.
 */
export function keptClient(
  value: unknown,
  close: (client: unknown) => unknown,
  log: Logger,
  facts: object,
  stuck?: StuckCalls,
): KeptClient {
  let users = 0;
  let closed: Promise<void> | undefined;
  let unused = (): void => {};

  async function closeNow(): Promise<void> {
    if (users > 0) {
      await new Promise<void>((resolve) => {
        unused = resolve;
      });
    }
    const ended = (async () => {
      await close(value);
    })().then(
      () => undefined,
      (error: unknown) => ({ err: caught(error) }),
    );
    const failure = await within(ended, CLOSE_MS, LATE);
    if (failure === LATE) {
      stuck?.add(ended);
      log.warn({ ...facts, limit_seconds: CLOSE_MS / 1000 }, 'client not closed in time');
    } else if (typeof failure === 'object') log.warn({ ...facts, ...failure }, 'client not closed cleanly');
  }

  return {
    value,
    hold() {
      users++;
    },
    release() {
      if (--users === 0) unused();
    },
    close() {
      closed ??= closeNow();
      return closed;
    },
  };
}

const LATE = 'late';
