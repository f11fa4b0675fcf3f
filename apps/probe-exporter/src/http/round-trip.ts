import { once } from 'node:events';
import { connect as session2 } from 'node:http2';
import type { Socket } from 'node:net';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { sendRequest } from 'exporter-kit/http';
import type { Chosen } from '../net/address.ts';
import { dial } from '../net/dial.ts';
import { startTls, type TlsConfig } from '../net/tls.ts';
import { withoutHopByHop } from './hop-by-hop.ts';
import type { Stopwatch } from './phases.ts';
import type { WebProxy } from './proxy.ts';

/** What is asked. */
export interface Ask {
  readonly url: URL;
  /** None where a proxy looks the name up. */
  readonly address: Chosen | undefined;
  readonly method: string;
  /** By lower-case name, `host` among them. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  /** Asked in place of the address. */
  readonly proxy: WebProxy | undefined;
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
export async function roundTrip(asked: Ask): Promise<Reply> {
  const { url, address, serverName, tls, http2, signal, watch, proxy } = asked;
  const secure = url.protocol === 'https:';
  watch.begin('connect');
  const port = Number(url.port || (secure ? 443 : 80));
  let socket = proxy === undefined ? await dial(address!, port, signal) : await proxy.connect(signal);
  try {
    if (secure && proxy !== undefined) await proxy.tunnel(socket, address, url.hostname, port);
    if (secure) {
      watch.begin('tls');
      socket = await startTls(socket, serverName, tls, signal, http2 ? ['h2', 'http/1.1'] : ['http/1.1']);
    }
    watch.begin('processing');
    const reply =
      socket instanceof TLSSocket && socket.alpnProtocol === 'h2'
        ? await ask2(asked, socket)
        : await ask1(asked, socket);
    watch.begin('transfer');
    return reply;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function ask1({ url, method, headers, body, signal, proxy }: Ask, socket: Socket): Promise<Reply> {
  const path = url.pathname + url.search;
  // A proxy needs the whole URL.
  const target = proxy !== undefined && url.protocol === 'http:' ? `http://${headers.host}${path}` : path;
  // A length even of nothing, where a body is meant to be.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const forProxy = target === path ? {} : proxy!.headers;
  const answer = await sendRequest(socket, {
    method,
    target,
    headers: { ...headers, ...forProxy, ...length },
    body,
  }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error;
  });
  return {
    status: answer.status,
    version: `HTTP/${answer.version}`,
    header: (name) => answer.headers.get(name) ?? [],
    body: answer.body,
    tls: socket instanceof TLSSocket && url.protocol === 'https:' ? socket : undefined,
    close: () => socket.destroy(),
  };
}

async function ask2({ url, method, headers, body, signal }: Ask, socket: TLSSocket): Promise<Reply> {
  const session = session2(url.origin, { createConnection: () => socket });
  // Streams hear of them too.
  session.on('error', () => {});
  const { host = url.host, ...others } = withoutHopByHop(headers);
  const asked = session.request(
    { ...others, ':method': method, ':path': url.pathname + url.search, ':scheme': 'https', ':authority': host },
    { signal, endStream: body === undefined },
  );
  // Taken as it comes: a stream that ends before anyone reads it is closed, and what it holds is lost.
  const content = pipeline(asked, new PassThrough(), () => {});
  content.on('error', () => {});
  if (body !== undefined) asked.end(body);
  const [answer] = (await once(asked, 'response', { signal })) as [
    { readonly [name: string]: string | string[] | number },
  ];
  return {
    status: Number(answer[':status']),
    version: 'HTTP/2.0',
    header: (name) => [answer[name] ?? []].flat().map(String),
    body: content,
    tls: socket,
    close: () => session.destroy(),
  };
}
