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

/**
 * One request and its whole answer. Redirects are answers like others.
 *
 * @throws what the connection meets, an answer that ends too early included; the signal's reason when it aborts.
 */
export function exchange(to: Connection, message: Message, signal: AbortSignal): Promise<Answer> {
  const { method, path = to.url.pathname + to.url.search, headers, body } = message;
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(signal.aborted ? signal.reason : error);
    const req = to.request(
      {
        ...to.options,
        method,
        path,
        headers: { ...(to.options.headers as object), ...headers, 'content-length': body.length },
        signal,
      },
      (res) => receive(res, to.conceal).then(resolve, failed),
    );
    req.once('error', failed);
    req.end(body);
  });
}

async function receive(res: IncomingMessage, conceal: Connection['conceal']): Promise<Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of res as AsyncIterable<Buffer>) {
    if (size < KEPT) chunks.push(chunk);
    size += chunk.length;
    if (size > READ) break;
  }
  return {
    status: res.statusCode ?? 0,
    type: res.headers['content-type'] ?? '',
    location: res.headers.location && conceal(res.headers.location),
    retryAfter: res.headers['retry-after'],
    // Concealed before it is cut: a half of a secret is one too.
    text: oneLine(conceal(Buffer.concat(chunks).toString())),
  };
}

/** For a message: without line breaks and other control characters, which would garble a terminal. */
function oneLine(said: string): string {
  const text = new TextDecoder().decode(Buffer.from(said).subarray(0, KEPT)).replace(/\uFFFD+$/, '');
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
