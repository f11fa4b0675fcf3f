import { refusal } from '../refusal.ts';
import type { Answer } from './exchange.ts';

/** What a failed attempt tells about the next one. */
interface Outlook {
  /** Whether it may fare better. */
  readonly again: boolean;
  /** How long the server wants to be left alone. */
  readonly waitMs?: number;
}

const outlooks = new WeakMap<object, Outlook>();

/** Statuses that say: this very body is not acceptable. The other 4xx are about the way here, which can be mended. */
const ABOUT_THE_BODY = new Set([400, 409, 413, 422]);

/**
 * Whether the server has taken what it was sent.
 *
 * @param what the server should be, for messages: `a Pushgateway`.
 * @throws Error with the server's own words; a refusal when it will never take this.
 */
export function judge({ status, type, location, retryAfter, text }: Answer, what: string): void {
  if (status >= 200 && status < 300) {
    if (!/^text\/html/i.test(type)) return;
    throw new Error(`answered with a web page, so something else than ${what} is there; check the URL.`);
  }
  if (status >= 300 && status < 400) {
    throw new Error(`redirects (${status}) to ${location}, which is not followed; set the right URL yourself.`);
  }
  const message = `answered ${status}${text === '' ? '' : `: ${text}`}`;
  if (ABOUT_THE_BODY.has(status)) throw refusal(message);
  const error = new Error(message);
  const waitMs = delayOf(retryAfter);
  if (status >= 500 || status === 429) {
    outlooks.set(error, { again: true, ...(waitMs === undefined ? {} : { waitMs }) });
  }
  throw error;
}

/** Failures of the network, which pass; certificates and addresses that make no sense do not get better by waiting. */
const passing = /^(ECONN|ETIMEDOUT|EPIPE|EHOST|ENET|EAI_AGAIN|ENOTFOUND|HPE_)/;

/** Whether another attempt makes sense after this failure, and when. */
export function outlookOf(error: unknown): Outlook {
  const known = outlooks.get(error as object);
  return known ?? { again: passing.test(String((error as NodeJS.ErrnoException | undefined)?.code)) };
}

/** `Retry-After`, in seconds or as a date; `undefined` for anything else. Source: RFC 9110, 10.2.3. */
function delayOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
