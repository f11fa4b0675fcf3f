import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Logger, safeLogger } from '../../collect/context.ts';
import { slices } from '../../time/wait.ts';
import {
  type HttpResponse,
  isStreamed,
  type StreamedBody,
  streamedBody,
  textResponse,
} from '../answer/http-message.ts';
import { type App, respond } from '../app.ts';
import { type NodeRequest, type NodeResponse, ReceivedRequest, whenClosed } from './node-request.ts';

/** How responses are sent. */
export interface SendOptions {
  /** How long a client may stop reading before its connection is closed; default 15 000. Node may take twice as long. */
  readonly stallMs?: number;
}

/** An app as a request listener for node:http, node:https and node:http2. */
export function nodeHandler(
  app: App,
  { log, stallMs = 15_000 }: SendOptions & { readonly log: Logger },
): (req: NodeRequest, res: NodeResponse) => void {
  async function answer(request: ReceivedRequest, req: NodeRequest, res: NodeResponse): Promise<void> {
    try {
      await send(await respond(app, request, log), request, req, res, stallMs);
    } catch (err) {
      safeLogger(log).error({ err }, 'request failed');
      res.destroy();
    }
  }

  return (req, res) => {
    const request = new ReceivedRequest(req, res);
    // No request body is ever used; close the connection instead of reading it.
    const encoding = req.headers['transfer-encoding'];
    if (encoding !== undefined || (req.headers['content-length'] ?? '0') !== '0') endAfter(res);
    const wrong = refusalOf(req);
    if (wrong === undefined) void answer(request, req, res);
    else {
      endAfter(res);
      // At once, before Node responds to an unreadable rest of the request.
      void send(wrong, request, req, res, stallMs);
    }
  };
}

const LONGEST_URL = 8 * 1024;

/** Rejects requests that proxies and servers may parse differently, and overlong URLs. */
function refusalOf({ url = '', headers, rawHeaders }: NodeRequest): HttpResponse | undefined {
  if (url.length > LONGEST_URL) return textResponse(414, 'URL too long\n');
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts > 1) return textResponse(400, 'multiple Host headers\n');
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'chunked') return undefined;
  return textResponse(501, 'unsupported transfer encoding\n');
}

/** Closes the connection after the response; in HTTP/2, the stream. */
function endAfter(res: NodeResponse): void {
  if ('stream' in res) res.once('finish', () => res.stream.close());
  else res.shouldKeepAlive = false;
}

async function send(
  { status, headers, body }: HttpResponse,
  request: ReceivedRequest,
  req: NodeRequest,
  res: NodeResponse,
  stallMs: number,
): Promise<void> {
  const headOnly = request.method === 'HEAD';
  // Node keeps its own text of the date in a timer, which wakes a process that has nothing else to do.
  res.writeHead(status, { date: new Date().toUTCString(), ...headers });
  if (typeof body === 'string') {
    res.end(headOnly ? '' : body);
    return;
  }
  const pages = isStreamed(body) ? body : streamedBody(body);
  try {
    if (headOnly) res.end();
    else await sendBody(pages, request, req, res, stallMs);
  } finally {
    pages.done();
  }
}

// Two pages: with their head, they are one write to the socket.
const AHEAD = 128 * 1024;

async function sendBody(
  pages: StreamedBody,
  request: ReceivedRequest,
  req: NodeRequest,
  res: NodeResponse,
  stallMs: number,
): Promise<void> {
  let turn: ReturnType<typeof slices> | undefined;
  let drained: ReturnType<typeof drains> | undefined;
  for (let index = 0; !res.destroyed && !request.isGone; index++) {
    const { bytes, last, release } = pages.page(index);
    // The socket uses the page's memory until it calls back.
    if (last) {
      res.end(bytes, release);
      if (drained === undefined && res.writableLength > 0) watch(res, stallMs);
      return;
    }
    if (bytes.length === 0) release();
    // Also fits HTTP/2's response.
    else if (!(res as ServerResponse).write(bytes, release) && res.writableLength >= AHEAD) {
      if (drained === undefined) {
        watch(res, stallMs);
        drained = drains(req, res);
      }
      await drained();
    }
    turn ??= slices();
    const yielded = turn();
    if (yielded !== undefined) await yielded;
  }
}

/** Returns a function that waits until more can be written, or never will. */
function drains(req: NodeRequest, res: NodeResponse): () => Promise<void> {
  let go = (): void => {};
  const next = (): void => go();
  res.on('drain', next);
  whenClosed(req, res, next);
  return () =>
    new Promise((resolve) => {
      go = resolve;
    });
}

/** Closes the connection if it sends nothing for that long. */
function watch(res: NodeResponse, stallMs: number): void {
  if ('stream' in res) {
    res.stream.setTimeout(stallMs, () => res.stream.close());
    return;
  }
  const { socket } = res;
  if (socket === null) {
    // A pipelined response that waits for its turn.
    res.once('socket', () => watch(res, stallMs));
    return;
  }
  const before = socket.timeout ?? 0;
  socket.setTimeout(stallMs);
  // Before Node's own listener, which sets the keep-alive timeout.
  res.prependOnceListener('finish', () => socket.setTimeout(before));
}

/** Limits on clients. */
export const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  // Longer than between two scrapes, so that each does not need a connection, and a TLS handshake, of its own.
  keepAliveTimeout: 125_000,
  // How often Node enforces the first two. Every wake costs an exporter that waits for a scrape about 0.2 ms.
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
} as const;

/** An HTTP/1 server that does not listen: it receives connections as `connection` events. `over` is called after each response. */
export function http1(
  handle: (req: IncomingMessage, res: ServerResponse) => void,
  over: (req: IncomingMessage) => void,
): Server {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();

  // One listener for all responses.
  function closed(this: ServerResponse): void {
    answers.get(this.req.socket)!.delete(this);
    over(this.req);
  }

  const server = createServer({ ...limits, insecureHTTPParser: false }, (req, res) => {
    const { socket } = req;
    let open = answers.get(socket);
    if (open === undefined) {
      const all = new Set<ServerResponse>();
      // Once a connection: a client may have sent many requests before it closes its side.
      socket.once('end', () => all.forEach(probeHalfClosed));
      answers.set(socket, all);
      open = all;
    }
    open.add(res);
    res.on('close', closed);
    if (socket.readableEnded) probeHalfClosed(res);
    handle(req, res);
  });
  // A client may close its side after the request and still read the response.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  // No header is ignored; `maxHeaderSize` is the bound.
  server.maxHeadersCount = 0;
  // Otherwise Node does not enforce the timeouts, as this server never listens.
  server.emit('listening');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // The rest of a request that has been rejected.
    if (socket.writableEnded) return;
    const midway = [...(answers.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (midway || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else refuse(error, socket);
  });
  return server;
}

// The first write makes the system of a disconnected client reset the connection; the second one sees that.
const PROBES_MS = [250, 500] as const;

/**
 * Finds out whether a client that has closed its side is gone or still reads, as `nc -N` does. That shows only on writing,
 * so a slow response is preceded by `102 Processing`, which HTTP/1.1 clients skip. HTTP/1.0 has no such response: there
 * the scrape continues until its deadline.
 */
function probeHalfClosed(res: ServerResponse): void {
  if (res.req.httpVersion === '1.0') return;
  const timers = PROBES_MS.map((ms) => setTimeout(() => res.headersSent || res.destroyed || res.writeProcessing(), ms));
  res.once('close', () => timers.forEach(clearTimeout));
}

const statuses: { readonly [code: string]: string } = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_INVALID_TRANSFER_ENCODING: '501 Not Implemented',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const LINGER_MS = 1000;

/**
 * Answers an unreadable request and closes the connection; a little later, as the kernel would discard the response if the
 * client were still sending.
 */
function refuse({ code = '', reason = '' }: NodeJS.ErrnoException & { reason?: string }, socket: Duplex): void {
  // Content-Length with chunked is invalid, not unimplemented.
  const status = reason.includes('Content-Length') ? undefined : statuses[code];
  socket.end(`HTTP/1.1 ${status ?? '400 Bad Request'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
}
