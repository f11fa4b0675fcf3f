import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import type { Connection } from './connection.ts';
import { exchange, type Message } from './exchange.ts';
import { judge, outlookOf } from './judge.ts';

/** How long is tried. */
export interface Limits {
  /** When there is no more time, on `performance.now()`'s clock. */
  readonly deadline: number;
  /** What one attempt may take of it, from the first byte sent to the last one read. */
  readonly attemptMs: number;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;

/**
 * Sends a message until it has been taken, or there is no hope or no time left. Connection errors, 5xx and 429 are tried
 * again, after 200 ms, 400 ms and so on up to 5 s, each ±25 %, and not before `Retry-After` says.
 *
 * @param what the server should be: `a Pushgateway`.
 * @throws Error with the last attempt's failure and the number of attempts; a permanent failure where that was one.
 */
export async function send(to: Connection, message: Message, what: string, limits: Limits): Promise<void> {
  const { deadline, attemptMs, signal } = limits;
  if (signal.aborted) throw failure(signal.reason, signal, 0, undefined);
  for (let attempts = 1; ; attempts++) {
    try {
      const limitMs = Math.max(1, Math.min(attemptMs, deadline - performance.now()));
      return judge(await exchange(to, message, limitMs, signal), what);
    } catch (error) {
      const { again, waitMs } = outlookOf(error);
      const wait = Math.max(waitMs ?? 0, backoff(attempts));
      const late = again && wait >= deadline - performance.now();
      const asked = late && wait === waitMs ? waitMs : undefined;
      if (signal.aborted || !again || late) throw failure(error, signal, attempts, asked);
      await sleep(wait, undefined, { signal }).catch(() => {
        throw failure(error, signal, attempts, undefined);
      });
    }
  }
}

/** Doubles each time, with up to a quarter more or less, so that those who failed together do not come back together. */
function backoff(attempts: number): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
  return whole * (0.75 + Math.random() / 2);
}

/** @param waitMs how long the server wants to be left alone, where that is longer than the time left. */
function failure(cause: unknown, signal: AbortSignal, attempts: number, waitMs: number | undefined): Error {
  const stopped = signal.aborted ? `stopped: ${messageOf(signal.reason)}` : '';
  const last = cause === signal.reason ? '' : reasonOf(cause);
  const why = [stopped, last].filter(Boolean).join('; before that: ');
  const tries = attempts < 2 ? '' : ` (${attempts} attempts)`;
  const wait =
    waitMs === undefined ? '' : `; wants to be asked again in ${Math.ceil(waitMs / 1000)} s, which is too late`;
  return new Error(`${why}${tries}${wait}`, { cause });
}

/** In words for people: OpenSSL's have its source lines in them, and those for a host with several addresses are none. */
function reasonOf(error: unknown): string {
  const [code, message] = [codeOf(error) ?? '', messageOf(error)];
  const openssl = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (openssl === 'wrong version number')
    return 'does not speak TLS; check whether the URL begins with http: or https:';
  if (openssl !== undefined) return `TLS: ${openssl}`;
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) {
    // Newer versions of Node advise on themselves behind it.
    const [what] = message.split('; if the root CA');
    return `${what}; if that is right, name its authority in tls.caFile`;
  }
  return message;
}
