import { setTimeout as sleep } from 'node:timers/promises';
import { parseHttpDate } from '../../client/http-date.ts';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { permanentFailure } from '../permanent-failure.ts';
import type { Connection } from './connection.ts';
import { type Answer, exchange, type Message } from './exchange.ts';

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
 * @param judged reads a response, such as with {@link judge}; returns the result, or throws.
 * @throws Error with the last failure and the number of attempts; a permanent failure if the last one was.
 */
export async function send<T>(
  to: Connection,
  message: Message,
  judged: (answer: Answer) => T,
  limits: Limits,
): Promise<T> {
  const { deadline, attemptMs, signal } = limits;
  if (signal.aborted) throw failure(signal.reason, signal, 0, undefined);
  for (let attempts = 1; ; attempts++) {
    try {
      const limitMs = Math.max(1, Math.min(attemptMs, deadline - performance.now()));
      return judged(await exchange(to, message, limitMs, signal));
    } catch (error) {
      const { again, waitMs } = outlookOf(error);
      const wait = Math.max(waitMs ?? 0, backoff(attempts));
      const late = again && wait >= deadline - performance.now();
      const retryAfterMs = late && wait === waitMs ? waitMs : undefined;
      if (signal.aborted || !again || late) throw failure(error, signal, attempts, retryAfterMs);
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

/** Whether and when to retry after a failed attempt. */
interface Outlook {
  /** Whether a retry can succeed. */
  readonly again: boolean;
  /** The server's `Retry-After`. */
  readonly waitMs?: number;
}

const outlooks = new WeakMap<object, Outlook>();

/** 4xx about access, which can be fixed; others mean that the server rejects this message. */
const ABOUT_THE_WAY: ReadonlyMap<number, string> = new Map([
  [401, 'check the credentials'],
  [403, 'check the credentials'],
  [404, 'check the path in the URL'],
  [407, 'the proxy needs credentials'],
  [408, 'the request was too slow'],
  [429, 'push less often'],
]);

/**
 * Checks that the server has accepted the request.
 *
 * @param what the expected server, for messages: `a Pushgateway`.
 * @param isTemporary whether a retry after this status can succeed.
 * @throws Error with the server's own message; a permanent failure if a retry can't succeed.
 */
export function judge(
  { status, type, location, retryAfter, text }: Pick<Answer, 'status' | 'type' | 'location' | 'retryAfter' | 'text'>,
  what: string,
  isTemporary: (status: number) => boolean = (status) => status >= 500 || status === 429,
): void {
  if (status >= 200 && status < 300) {
    if (!/^text\/html/i.test(type)) return;
    throw new Error(`answered with a web page, so this is not ${what}; check the URL.`);
  }
  if (status >= 300 && status < 400) {
    const where = location === undefined ? 'nowhere' : `to ${location.replace(/\/\/[^/]*@/, '//')}`;
    throw new Error(`redirects (${status}) ${where}, which is not followed; set the final URL.`);
  }
  const message = `answered ${status}${text === '' ? '' : `: ${text}`}`;
  const hint = ABOUT_THE_WAY.get(status);
  if (status >= 400 && status < 500 && hint === undefined) throw permanentFailure(message);
  const error = new Error(hint === undefined ? message : `${message} (${hint})`);
  const waitMs = delayOf(retryAfter);
  if (isTemporary(status)) {
    outlooks.set(error, { again: true, ...(waitMs === undefined ? {} : { waitMs }) });
  }
  throw error;
}

/** Temporary network errors. Invalid certificates and servers that do not speak HTTP are not: waiting does not help. */
const passing = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|EAI_AGAIN|ENOTFOUND)/;

/** Whether and when to retry after an error. */
export function outlookOf(error: unknown): Outlook {
  const known = outlooks.get(error as object);
  return known ?? { again: passing.test(codeOf(error) ?? '') };
}

/** `Retry-After`, in seconds or as a date; `undefined` for anything else. Source: RFC 9110, 10.2.3. */
function delayOf(retryAfter = ''): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = parseHttpDate(retryAfter);
  return at === undefined ? undefined : Math.max(0, at - Date.now());
}
