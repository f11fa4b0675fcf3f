import { parseHttpDate } from '../../client/http-date.ts';
import { codeOf } from '../../errors/thrown.ts';
import { permanentFailure } from '../permanent-failure.ts';
import type { Answer } from './exchange.ts';

/** What a failed attempt tells about the next one. */
interface Outlook {
  /** Whether it may fare better. */
  readonly again: boolean;
  /** How long the server wants to be left alone. */
  readonly waitMs?: number;
}

const outlooks = new WeakMap<object, Outlook>();

/** 4xx that are about the way here, which can be mended; the others say that this very message is not acceptable. */
const ABOUT_THE_WAY: ReadonlyMap<number, string> = new Map([
  [401, 'check the credentials'],
  [403, 'check the credentials'],
  [404, 'check the path in the URL'],
  [407, 'the proxy wants credentials'],
  [408, 'it was too slow for it'],
  [429, 'push less often'],
]);

/**
 * Whether the server has taken what it was sent.
 *
 * @param what the server should be, for messages: `a Pushgateway`.
 * @throws Error with the server's own words; a permanent failure when it will never take this.
 */
export function judge({ status, type, location, retryAfter, text }: Answer, what: string): void {
  if (status >= 200 && status < 300) {
    if (!/^text\/html/i.test(type)) return;
    throw new Error(`answered with a web page, so something else than ${what} is there; check the URL.`);
  }
  if (status >= 300 && status < 400) {
    const where = location === undefined ? 'nowhere' : `to ${location.replace(/\/\/[^/]*@/, '//')}`;
    throw new Error(`redirects (${status}) ${where}, which is not followed; set the right URL yourself.`);
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

/** Failures of the network, which pass; certificates, and servers that speak no HTTP, do not get better by waiting. */
const passing = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|EAI_AGAIN|ENOTFOUND)/;

/** Whether another attempt makes sense after this failure, and when. */
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
