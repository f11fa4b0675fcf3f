import { Buffer } from 'node:buffer';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text as readAll } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { createGunzip } from 'node:zlib';

/**
 * How the gateway responds to one request, after reading it:
 *
 * | fault | what the client sees |
 * |---|---|
 * | `'ok'` | 200, or 202 for a DELETE, like a Pushgateway |
 * | `'hang'` | no response, ever |
 * | `'reset'` | the connection reset (RST) |
 * | `'empty'` | the connection closed without a response |
 * | `'drip'` | 200, then one byte of the body every 10 ms, forever |
 * | `'drip-head'` | one byte of the response's head every 10 ms, forever |
 * | `'truncate'` | 200 and a body shorter than its Content-Length |
 * | `'continue'` | `100 Continue` every 10 ms, forever |
 * | `'page'` | 200 and a web page, like a captive portal or some other server |
 * | `'garbage'` | a response that is not HTTP |
 * | `{ status, headers, text }` | that response; a redirect is `{ status: 302, headers: { location } }` |
 */
export type Fault =
  | 'ok'
  | 'hang'
  | 'reset'
  | 'empty'
  | 'drip'
  | 'drip-head'
  | 'truncate'
  | 'continue'
  | 'page'
  | 'garbage'
  | {
      readonly status: number;
      readonly headers?: { readonly [name: string]: string };
      readonly text?: string;
    };

/** A request that the gateway received. */
export interface ReceivedPush {
  readonly method: string;
  /** As sent, such as `/metrics/job/backup`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, decompressed if it was gzip. */
  readonly text: string;
  /** When it was complete, in milliseconds since the gateway started. */
  readonly atMs: number;
}

/** A running gateway. */
export interface FaultyGateway {
  /** `http://127.0.0.1:port`, or `https:` with `tls`. */
  readonly url: string;
  /** All requests so far, in order: one for each attempt of the client. */
  readonly received: readonly ReceivedPush[];
  /** Stops listening and closes all connections; later connections are refused. Idempotent. */
  close(): Promise<void>;
}

/** Options of {@link faultyGateway}. */
export interface FaultyGatewayOptions {
  /** Serves TLS with these certificates; `requestCert` and `ca` require client certificates. */
  readonly tls?: TlsOptions;
}

/**
 * Starts a gateway on a loopback port for tests of pushes. It follows a script: one fault for each request, the last one for
 * all further requests.
 *
 * @example
 * const gateway = await faultyGateway([{ status: 503, text: 'busy' }, 'reset', 'ok']);
 * await executeJob(backup, { to: [pushgateway(gateway.url)] });
 * expect(gateway.received.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'PUT']);
 * await gateway.close();
 */
export async function faultyGateway(
  script: Fault | readonly Fault[],
  { tls }: FaultyGatewayOptions = {},
): Promise<FaultyGateway> {
  const faults = Array.isArray(script) ? (script as readonly Fault[]) : [script as Fault];
  if (faults.length === 0) throw new TypeError("faultyGateway: the script is empty; a working gateway is ['ok'].");
  const started = performance.now();
  const received: ReceivedPush[] = [];
  const sockets = new Set<Socket>();
  let requests = 0;

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const fault = faults[Math.min(requests++, faults.length - 1)]!;
    const unzipped = req.headers['content-encoding'] === 'gzip' ? req.pipe(createGunzip()) : req;
    const { method = '', url = '', headers } = req;
    const text = await readAll(unzipped);
    received.push({ method, path: url, headers, text, atMs: performance.now() - started });
    if (!res.destroyed) respond(fault, req, res);
  }
  // A client that disconnects while sending gets no response.
  const listener = (req: IncomingMessage, res: ServerResponse): void => void serve(req, res).catch(() => res.destroy());
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

const EVERY_MS = 10;

function respond(fault: Fault, { method, socket }: IncomingMessage, res: ServerResponse): void {
  const forever = (send: () => void): void => {
    send();
    const timer = setInterval(send, EVERY_MS);
    socket.once('close', () => clearInterval(timer));
  };
  if (typeof fault === 'object') {
    res.writeHead(fault.status, fault.headers).end(fault.text);
    return;
  }
  switch (fault) {
    case 'ok':
      res.writeHead(method === 'DELETE' ? 202 : 200).end();
      return;
    case 'hang':
      return;
    case 'reset':
      socket.resetAndDestroy();
      return;
    case 'empty':
      socket.end();
      return;
    case 'drip':
      res.writeHead(200);
      forever(() => res.write('x'));
      return;
    case 'drip-head':
      socket.write('HTTP/1.1 200 OK\r\nx-never-ends: ');
      forever(() => socket.write('x'));
      return;
    case 'truncate':
      res.writeHead(200, { 'content-length': 1000 }).write('x', () => socket.end());
      return;
    case 'continue':
      forever(() => res.writeContinue());
      return;
    case 'page':
      res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in.</html>');
      return;
    case 'garbage':
      socket.end(Buffer.from('SSH-2.0-not-a-web-server\r\n'));
      return;
  }
}
