import { Buffer } from 'node:buffer';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { TlsOptions } from 'node:tls';
import { createGunzip } from 'node:zlib';

/**
 * What the gateway does with one request, once it has read it:
 *
 * | fault | what the client sees |
 * |---|---|
 * | `'ok'` | 200, or 202 for a DELETE, as a Pushgateway answers |
 * | `'hang'` | nothing, for ever |
 * | `'reset'` | the connection reset (RST) |
 * | `'empty'` | the connection closed without an answer |
 * | `'drip'` | 200, then one byte of the answer every 10 ms, for ever |
 * | `'drip-head'` | one byte of the answer's head every 10 ms, for ever |
 * | `'truncate'` | 200 and less of the answer than announced |
 * | `'continue'` | `100 Continue` every 10 ms, for ever |
 * | `'page'` | 200 and a web page, as a captive portal or another server answers |
 * | `'garbage'` | an answer that is no HTTP |
 * | `{ status, headers, text }` | that answer; a redirect is `{ status: 302, headers: { location } }` |
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

/** A request as the gateway got it. */
export interface ReceivedPush {
  readonly method: string;
  /** As it stood in the request, such as `/metrics/job/backup`. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, unzipped if it was gzip. */
  readonly text: string;
  /** When it was there, in milliseconds since the gateway started. */
  readonly atMs: number;
}

export interface FaultyGateway {
  /** `http://127.0.0.1:port`, or `https:` with `tls`. */
  readonly url: string;
  /** All requests so far, first one first: one for each attempt of the client. */
  readonly received: readonly ReceivedPush[];
  /** Ends it with all its connections. Whoever tries `url` afterwards is refused. Harmless when it has ended. */
  close(): Promise<void>;
}

export interface FaultyGatewayOptions {
  /** Speaks TLS, with these certificates; in tests, `requestCert` and `ca` ask the client for one of its own. */
  readonly tls?: TlsOptions;
}

/**
 * Starts a gateway on a loopback port that misbehaves as scripted: one fault a request, and the last one for all that
 * come after. For tests of whatever pushes.
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
  if (faults.length === 0) throw new TypeError("faultyGateway: the script is empty; ['ok'] is a gateway that works.");
  const started = performance.now();
  const received: ReceivedPush[] = [];
  const sockets = new Set<Socket>();
  let taken = 0;

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const fault = faults[Math.min(taken++, faults.length - 1)]!;
    const unzipped = req.headers['content-encoding'] === 'gzip' ? req.pipe(createGunzip()) : req;
    const { method = '', url = '', headers } = req;
    const text = await textOf(unzipped);
    received.push({ method, path: url, headers, text, atMs: performance.now() - started });
    if (!res.destroyed) commit(fault, req, res);
  }
  // Whoever leaves in the middle of his request is not one to answer.
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

function commit(fault: Fault, { method, socket }: IncomingMessage, res: ServerResponse): void {
  const forEver = (send: () => void): void => {
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
      forEver(() => res.write('x'));
      return;
    case 'drip-head':
      socket.write('HTTP/1.1 200 OK\r\nx-never-ends: ');
      forEver(() => socket.write('x'));
      return;
    case 'truncate':
      res.writeHead(200, { 'content-length': 1000 }).write('x', () => socket.end());
      return;
    case 'continue':
      forEver(() => res.writeContinue());
      return;
    case 'page':
      res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in.</html>');
      return;
    case 'garbage':
      socket.end(Buffer.from('SSH-2.0-not-a-web-server\r\n'));
      return;
  }
}
