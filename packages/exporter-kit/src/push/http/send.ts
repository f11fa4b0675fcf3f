import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import type { Connection } from './connection.ts';
import { exchange, type Message } from './exchange.ts';
import { judge, outlookOf } from './judge.ts';

/** Time limits of {@link send}. */
export interface Limits {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  /** Time limit of one attempt, from the first byte sent to the last one read. */
  readonly attemptMs: number;
  /** Aborts it at once. */
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;

/**
 * Sends a request until it is accepted, fails permanently, or time is over. Connection errors, 5xx and 429 are retried after
 * 200 ms, 400 ms and so on up to 5 s, each ±25 %, and not before the server's `Retry-After`.
 *
 * @param what the expected server: `a Pushgateway`.
 * @throws Error with the last failure and the number of attempts; a permanent failure if the last one was.
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

/** Exponential backoff with ±25 % jitter, so that clients that failed together do not retry together. */
function backoff(attempts: number): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
  return whole * (0.75 + Math.random() / 2);
}

/** @param waitMs the server's `Retry-After`, if longer than the time left. */
function failure(cause: unknown, signal: AbortSignal, attempts: number, waitMs: number | undefined): Error {
  const stopped = signal.aborted ? `stopped: ${messageOf(signal.reason)}` : '';
  const last = cause === signal.reason ? '' : reasonOf(cause);
  const why = [stopped, last].filter(Boolean).join('; before that: ');
  const tries = attempts < 2 ? '' : ` (${attempts} attempts)`;
  const wait = waitMs === undefined ? '' : `; Retry-After of ${Math.ceil(waitMs / 1000)} s exceeds the push timeout`;
  return new Error(`${why}${tries}${wait}`, { cause });
}

/** A readable message: OpenSSL's contain its source lines, and those for a host with several addresses are empty. */
function reasonOf(error: unknown): string {
  const [code, message] = [codeOf(error) ?? '', messageOf(error)];
  const openssl = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  if (openssl === 'wrong version number')
    return 'does not speak TLS; check whether the URL begins with http: or https:';
  if (openssl !== undefined) return `TLS: ${openssl}`;
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) {
    // Newer versions of Node append advice.
    const [what] = message.split('; if the root CA');
    return `${what}; if it is trusted, set its authority in tls.caFile`;
  }
  return message;
}
