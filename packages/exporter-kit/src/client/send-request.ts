import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { framingOf, readFramed } from './body.ts';
import { type Head, readHead } from './head.ts';
import { inputOf } from './socket-reader.ts';

/** A request as it is sent; nothing is added to it. */
export interface HttpRequest {
  readonly method: string;
  /** What stands behind the method: a path with its query, or a whole URL for a proxy. */
  readonly target: string;
  /** By name, `host` and the body's length among them. */
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array | undefined;
}

/** What came back; the body is still to be read. */
export interface HttpAnswer extends Head {
  /** Without a length where it is chunked. */
  readonly headers: Head['headers'];
  readonly body: Readable;
  /** Whether the connection may be used again: the answer was read to its end, and nothing came behind it. */
  reusable(as?: 'tunnel'): Promise<boolean>;
}

/**
 * Sends one request over a connection and reads the head of its answer, as leniently as curl and Go do. Sets no time limit:
 * to end it, destroy the socket.
 *
 * @throws Error when the answer is not HTTP; whatever the connection fails with; TypeError for a header that would break
 * the request.
 */
export async function ask(socket: Socket, { method, target, headers, body }: HttpRequest): Promise<HttpAnswer> {
  const lines = Object.entries(headers).map(([name, value]) => {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return `${name}: ${value}\r\n`;
  });
  const input = inputOf(socket);
  socket.cork();
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  if (body !== undefined && body.length > 0) socket.write(body);
  socket.uncork();
  const head = await readHead(input);
  const framing = framingOf(head, method);
  const kept = new Map(head.headers);
  if (framing === 'chunked') kept.delete('content-length');
  let whole = framing === 0;
  async function* parts(): AsyncGenerator<Uint8Array, void> {
    yield* readFramed(input, framing);
    whole = framing !== 'close';
  }
  const keeps = head.version === '1.1' && !/\bclose\b/i.test(head.headers.get('connection')?.join() ?? '');
  return {
    ...head,
    headers: kept,
    body: Readable.from(parts(), { objectMode: false }),
    reusable: async (as) =>
      (as === 'tunnel' || (whole && keeps && head.status !== 101)) && (await input.release()) && !socket.destroyed,
  };
}
