import { once } from 'node:events';
import { type IncomingMessage, request as request1 } from 'node:http';
import { connect as session2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Chosen } from '../net/address.ts';
import { dial } from '../net/dial.ts';
import { startTls, type TlsConfig } from '../net/tls.ts';
import type { Stopwatch } from './phases.ts';

/** What is asked. */
export interface Ask {
  readonly url: URL;
  readonly address: Chosen;
  readonly method: string;
  /** By lower-case name, `host` among them. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  /** Whom the server's certificate is to be for. */
  readonly serverName: string;
  readonly tls: TlsConfig;
  readonly http2: boolean;
  readonly signal: AbortSignal;
  readonly watch: Stopwatch;
}

/** What came back; its body is still to be read. */
export interface Reply {
  readonly status: number;
  /** As Go writes it: `HTTP/1.1`, `HTTP/2.0`. */
  readonly version: string;
  /** All values of a header. */
  header(name: string): readonly string[];
  readonly body: Readable;
  readonly tls: TLSSocket | undefined;
  /** Closes the connection. */
  close(): void;
}

/** Asks once, on a connection of its own, and follows nothing. @throws Error when no answer comes. */
export async function roundTrip(ask: Ask): Promise<Reply> {
  const { url, address, serverName, tls, http2, signal, watch } = ask;
  const secure = url.protocol === 'https:';
  watch.begin('connect');
  let socket = await dial(address, Number(url.port || (secure ? 443 : 80)), signal);
  try {
    if (secure) {
      watch.begin('tls');
      socket = await startTls(socket, serverName, tls, signal, http2 ? ['h2', 'http/1.1'] : ['http/1.1']);
    }
    watch.begin('processing');
    const reply =
      socket instanceof TLSSocket && socket.alpnProtocol === 'h2' ? await ask2(ask, socket) : await ask1(ask, socket);
    watch.begin('transfer');
    return reply;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function ask1({ url, method, headers, body, signal }: Ask, socket: Socket): Promise<Reply> {
  const path = url.pathname + url.search;
  // A length even of nothing, where a body is meant to be.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const asked = request1({
    createConnection: () => socket,
    method,
    path,
    setHost: false,
    signal,
    headers: { ...headers, ...length },
  });
  asked.end(body);
  const [answer] = (await once(asked, 'response', { signal })) as [IncomingMessage];
  // Who reads the body hears of errors.
  asked.on('error', () => {});
  return {
    status: answer.statusCode ?? 0,
    version: `HTTP/${answer.httpVersion}`,
    header: (name) => answer.headersDistinct[name] ?? [],
    body: answer,
    tls: socket instanceof TLSSocket ? socket : undefined,
    close: () => socket.destroy(),
  };
}

async function ask2({ url, method, headers, body, signal }: Ask, socket: TLSSocket): Promise<Reply> {
  const session = session2(url.origin, { createConnection: () => socket });
  // Streams hear of them too.
  session.on('error', () => {});
  const { host = url.host, connection: _, ...others } = headers;
  const asked = session.request(
    { ...others, ':method': method, ':path': url.pathname + url.search, ':scheme': 'https', ':authority': host },
    { signal, endStream: body === undefined },
  );
  if (body !== undefined) asked.end(body);
  const [answer] = (await once(asked, 'response', { signal })) as [
    { readonly [name: string]: string | string[] | number },
  ];
  asked.on('error', () => {});
  return {
    status: Number(answer[':status']),
    version: 'HTTP/2.0',
    header: (name) => [answer[name] ?? []].flat().map(String),
    body: asked,
    tls: socket,
    close: () => session.destroy(),
  };
}
