import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection.ts';

/** What is sent. */
export interface Message {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** With its query; default: the endpoint's own. */
  readonly path?: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** The media type; '' without one. */
  readonly type: string;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** The first 500 bytes, on one line. */
  readonly text: string;
}

const KEPT = 500;
// Nobody has more to say; what follows is not waited for.
const READ = 65_536;

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * One request and its whole answer, which has to be there within `limitMs`, however it trickles in. Redirects are answers
 * like others.
 *
 * @throws what the connection meets, an answer that ends too early included; an error with the code `ETIMEDOUT`; the
 * signal's reason when it aborts.
 */
export function exchange(to: Connection, message: Message, limitMs: number, signal: AbortSignal): Promise<Answer> {
  const { method, path = to.url.pathname + to.url.search, headers, body } = message;
  return new Promise((resolve, reject) => {
    const req = to.request({
      ...to.options,
      method,
      path,
      headers: { ...to.headers, ...headers, 'content-length': body.length },
    });
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
      req.destroy();
    };
    const stop = (): void => fail(signal.reason);
    const timer = setTimeout(
      () => {
        const seconds = Math.round(limitMs / 100) / 10;
        fail(Object.assign(new Error(`no whole answer within ${seconds} s`), { code: 'ETIMEDOUT' }));
      },
      Math.min(limitMs, LONGEST_TIMER_MS),
    );
    signal.addEventListener('abort', stop);
    req.on('error', fail);
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = (): void => {
        settle();
        resolve(answerOf(res, size === 0 ? '' : Buffer.concat(chunks).toString(), to.conceal));
      };
      res.on('error', fail);
      res.on('end', done);
      res.on('data', (chunk: Buffer) => {
        if (size < KEPT) chunks.push(chunk);
        size += chunk.length;
        if (size <= READ) return;
        done();
        req.destroy();
      });
    });
    req.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, said: string, conceal: Connection['conceal']): Answer {
  return {
    status: statusCode,
    type: headers['content-type'] ?? '',
    location: headers.location && conceal(headers.location),
    retryAfter: headers['retry-after'],
    // Concealed before it is cut: a half of a secret is one too.
    text: said === '' ? '' : oneLine(conceal(said)),
  };
}

/** For a message: without line breaks and other control characters, which would garble a terminal. */
function oneLine(said: string): string {
  const text = new TextDecoder().decode(Buffer.from(said).subarray(0, KEPT)).replace(/\uFFFD+$/, '');
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
