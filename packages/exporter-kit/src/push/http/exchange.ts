import { Buffer } from 'node:buffer';
import { type HttpResponse, sendRequest } from '../../client/send-request.ts';
import { LONGEST_TIMER_MS } from '../../time/duration.ts';
import type { Connection } from './connection.ts';

/** A request. */
export interface Message {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** With query; default: the endpoint's own. */
  readonly path?: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  /** Whether the body of a success says more than its status, so that it is waited for. */
  readonly hasAnswer?: boolean;
}

/** A response. */
export interface Answer {
  readonly status: number;
  /** The media type; '' for none. */
  readonly type: string;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** The first 500 bytes, on one line. */
  readonly text: string;
  /** At least the first 500 bytes; may have secrets. */
  readonly body: Uint8Array;
  /** A header's first value, by its name in lower case. */
  header(name: string): string | undefined;
}

const KEPT = 500;
// More than error messages need; the rest is not read.
const READ = 65_536;
// An error's body is quoted; a successful one is only read so that the connection can be reused.
const QUOTED_MS = 1000;
const DRAINED_MS = 100;

/**
 * Sends a request and reads its response, whose head must be complete within `limitMs`. Only the head decides on success: of
 * the body, what arrives soon is read, and failures there are ignored. Redirects are not followed.
 *
 * @throws errors of the connection, including an incomplete head; an error with the code `ETIMEDOUT`; the signal's reason if
 * it aborts.
 */
export async function exchange(
  to: Connection,
  message: Message,
  limitMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController();
  const stop = (): void => over.abort(signal.reason);
  const timer = setTimeout(
    () => {
      const seconds = Math.round(limitMs / 100) / 10;
      over.abort(Object.assign(new Error(`no complete response within ${seconds} s`), { code: 'ETIMEDOUT' }));
    },
    Math.min(limitMs, LONGEST_TIMER_MS),
  );
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    return await attempt(to, message, over.signal);
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function attempt(to: Connection, message: Message, over: AbortSignal): Promise<Answer> {
  const { method, path = to.url.pathname + to.url.search, headers, body } = message;
  const socket = await to.open(over);
  const cut = (): void => void socket.destroy();
  over.addEventListener('abort', cut);
  try {
    over.throwIfAborted();
    const answer = await sendRequest(socket, {
      method,
      target: to.prefix + path,
      headers: { ...to.headers, ...headers, 'content-length': String(body.length) },
      body,
    });
    const wait = answer.status >= 300 || message.hasAnswer === true ? QUOTED_MS : DRAINED_MS;
    const said = answer.empty ? Buffer.alloc(0) : await beginning(answer, wait, cut);
    if (await answer.reusable()) to.keep(socket);
    else socket.destroy();
    return answerOf(answer, said, to.conceal);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    over.removeEventListener('abort', cut);
  }
}

/** The start of a body, up to {@link READ} bytes. Calls `cut` when it takes longer than `wait` ms. Never rejects. */
async function beginning({ body }: HttpResponse, wait: number, cut: () => void): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const late = setTimeout(cut, wait);
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      if (size < KEPT) parts.push(part);
      size += part.length;
      if (size > READ) break;
    }
  } catch {
    // What was read is enough.
  }
  clearTimeout(late);
  return Buffer.concat(parts);
}

function answerOf({ status, headers }: HttpResponse, body: Buffer, conceal: Connection['conceal']): Answer {
  const [location] = headers.get('location') ?? [];
  return {
    status,
    type: headers.get('content-type')?.[0] ?? '',
    location: location && oneLine(conceal(location)),
    retryAfter: headers.get('retry-after')?.[0],
    // Masked before it is shortened: half a secret is one too.
    text: body.length === 0 ? '' : oneLine(conceal(body.toString())),
    body,
    header: (name) => headers.get(name)?.[0],
  };
}

/** For messages: replaces line breaks and other control characters. */
function oneLine(said: string): string {
  const text = new TextDecoder().decode(Buffer.from(said).subarray(0, KEPT)).replace(/\uFFFD+$/, '');
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
