import { once } from 'node:events';
import { connect as session2 } from 'node:http2';
import type { Socket } from 'node:net';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { sendRequest } from 'exporter-kit/http-client';
import type { Chosen } from '../net/address.ts';
import { dial } from '../net/dial.ts';
import { startTls, type TlsConfig } from '../net/tls.ts';
import { withoutHopByHop } from './hop-by-hop.ts';
import type { Stopwatch } from './phases.ts';
import type { WebProxy } from './proxy.ts';

/** A request. */
export interface HttpRequest {
  readonly url: URL;
  /** `undefined` if a proxy resolves the name. */
  readonly address: Chosen | undefined;
  readonly method: string;
  /** By lower-case name, with `host`. */
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  /** Connected to instead of the address. */
  readonly proxy: WebProxy | undefined;
  /** The name to verify in the server's certificate. */
  readonly serverName: string;
  readonly tls: TlsConfig;
  readonly http2: boolean;
  readonly signal: AbortSignal;
  readonly watch: Stopwatch;
}

/** A response, its body unread. */
export interface HttpResponse {
  readonly status: number;
  /** In Go's form: `HTTP/1.1`, `HTTP/2.0`. */
  readonly version: string;
  /** All values of a header. */
  header(name: string): readonly string[];
  readonly body: Readable;
  readonly tls: TLSSocket | undefined;
  /** Closes the connection. */
  close(): void;
}

/** Sends one request on a new connection, without following redirects. @throws Error if there is no response. */
export async function roundTrip(request: HttpRequest): Promise<HttpResponse> {
  const { url, address, serverName, tls, http2, signal, watch, proxy } = request;
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
    const response =
      socket instanceof TLSSocket && socket.alpnProtocol === 'h2'
        ? await request2(request, socket)
        : await request1(request, socket);
    watch.begin('transfer');
    return response;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function request1(
  { url, method, headers, body, signal, proxy }: HttpRequest,
  socket: Socket,
): Promise<HttpResponse> {
  const path = url.pathname + url.search;
  // A proxy needs the whole URL.
  const target = proxy !== undefined && url.protocol === 'http:' ? `http://${headers.host}${path}` : path;
  // Also for an empty body.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const forProxy = target === path ? {} : proxy!.headers;
  const response = await sendRequest(socket, {
    method,
    target,
    headers: { ...headers, ...forProxy, ...length },
    body,
  }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error;
  });
  return {
    status: response.status,
    version: `HTTP/${response.version}`,
    header: (name) => response.headers.get(name) ?? [],
    body: response.body,
    tls: socket instanceof TLSSocket && url.protocol === 'https:' ? socket : undefined,
    close: () => socket.destroy(),
  };
}

async function request2({ url, method, headers, body, signal }: HttpRequest, socket: TLSSocket): Promise<HttpResponse> {
  const session = session2(url.origin, { createConnection: () => socket });
  // The stream reports them as well.
  session.on('error', () => {});
  const { host = url.host, ...others } = withoutHopByHop(headers);
  const request = session.request(
    { ...others, ':method': method, ':path': url.pathname + url.search, ':scheme': 'https', ':authority': host },
    { signal, endStream: body === undefined },
  );
  // Read at once: a stream that ends before it is read is closed, and its data lost.
  const content = pipeline(request, new PassThrough(), () => {});
  content.on('error', () => {});
  if (body !== undefined) request.end(body);
  const [answered] = (await once(request, 'response', { signal })) as [
    { readonly [name: string]: string | string[] | number },
  ];
  return {
    status: Number(answered[':status']),
    version: 'HTTP/2.0',
    header: (name) => [answered[name] ?? []].flat().map(String),
    body: content,
    tls: socket,
    close: () => session.destroy(),
  };
}
