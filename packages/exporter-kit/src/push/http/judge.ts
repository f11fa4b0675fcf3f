import { parseHttpDate } from '../../client/http-date.ts';
import { codeOf } from '../../errors/thrown.ts';
import { permanentFailure } from '../permanent-failure.ts';
import type { Answer } from './exchange.ts';

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
 * @throws Error with the server's own message; a permanent failure if a retry can't succeed.
 */
export function judge({ status, type, location, retryAfter, text }: Answer, what: string): void {
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
  if (status >= 500 || status === 429) {
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
