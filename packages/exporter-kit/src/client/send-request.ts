import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { type Head, readFramed, readHead, responseFraming, socketReader } from './read-response.ts';

/** A request, sent exactly as given. */
export interface HttpRequest {
  readonly method: string;
  /** The request target: a path with query, or a URL for a proxy. */
  readonly target: string;
  /** Include `host` and the body's length. */
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array | undefined;
}

/** A response whose body is not read yet. */
export interface HttpResponse extends Head {
  /** Without `content-length` if chunked. */
  readonly headers: Head['headers'];
  readonly body: Readable;
  /** Whether the head says that there is no body. */
  readonly empty: boolean;
  /** Whether the connection can be reused: the response is read to its end, and nothing follows it. */
  reusable(as?: 'tunnel'): Promise<boolean>;
}

/**
 * Sends a request over a connection and reads the head of the response, as leniently as curl and Go do. There is no
 * timeout: destroy the socket to cancel.
 *
 * @throws Error if the response is not HTTP, or the connection fails; TypeError for an invalid header.
 */
export async function sendRequest(
  socket: Socket,
  { method, target, headers, body }: HttpRequest,
): Promise<HttpResponse> {
  const lines = Object.entries(headers).map(([name, value]) => {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return `${name}: ${value}\r\n`;
  });
  const input = socketReader(socket);
  socket.cork();
  socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  if (body !== undefined && body.length > 0) socket.write(body);
  socket.uncork();
  const head = await readHead(input);
  const framing = responseFraming(head, method);
  const kept = new Map(head.headers);
  if (framing === 'chunked') kept.delete('content-length');
  let whole = framing === 0;
  async function* parts(): AsyncGenerator<Uint8Array, void> {
    yield* readFramed(input, framing);
    whole = framing !== 'close';
  }
  let streamed: Readable | undefined;
  const keeps = head.version === '1.1' && !/\bclose\b/i.test(head.headers.get('connection')?.join() ?? '');
  return {
    ...head,
    headers: kept,
    get body() {
      streamed ??= Readable.from(parts(), { objectMode: false });
      return streamed;
    },
    empty: framing === 0,
    reusable: async (as) =>
      (as === 'tunnel' || (whole && keeps && head.status !== 101)) && (await input.release()) && !socket.destroyed,
  };
}
