import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type Logger, safeLogger } from '../../collect/context.ts';
import { slices } from '../../time/wait.ts';
import {
  type HttpRequest,
  type HttpResponse,
  isStreamed,
  type StreamedBody,
  streamedBody,
  textResponse,
} from '../answer/http-message.ts';
import { type App, respond } from '../app.ts';

/** How responses are sent. */
export interface SendOptions {
  /** How long a client may stop reading before its connection is closed; default 15 000. Node may take twice as long. */
  readonly stallMs?: number;
}

type NodeRequest = IncomingMessage | Http2ServerRequest;
type NodeResponse = ServerResponse | Http2ServerResponse;

/** An app as a request listener for node:http, node:https and node:http2. */
export function nodeHandler(
  app: App,
  { log, stallMs = 15_000 }: SendOptions & { readonly log: Logger },
): (req: NodeRequest, res: NodeResponse) => void {
  return (req, res) => {
    const gone = hangUp(req, res);
    // No request body is ever used; close the connection instead of reading it.
    const encoding = req.headers['transfer-encoding'];
    if (encoding !== undefined || (req.headers['content-length'] ?? '0') !== '0') endAfter(res);
    const wrong = refusalOf(req);
    if (wrong !== undefined) {
      endAfter(res);
      // At once, before Node responds to an unreadable rest of the request.
      void send(wrong, req.method === 'HEAD', res, gone, stallMs);
      return;
    }
    respond(app, requestOf(req, gone), log)
      .then((response) => send(response, req.method === 'HEAD', res, gone, stallMs))
      .catch((err: unknown) => {
        safeLogger(log).error({ err }, 'request failed');
        res.destroy();
      });
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

/** Aborts if the connection closes before the response is sent. */
function hangUp(req: NodeRequest, res: NodeResponse): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(new Error('client disconnected'));
  if ('stream' in res) {
    const { stream } = res;
    // Node ends the response of a reset stream, so that it looks finished.
    stream.once('close', () => (stream.aborted || stream.rstCode !== 0) && abort());
    return gone.signal;
  }
  res.once('close', () => {
    if (!res.writableFinished) abort();
  });
  // A pipelined response that waits for its turn gets no `close`.
  req.once('close', () => {
    if (req.socket.destroyed && !res.writableFinished) abort();
  });
  return gone.signal;
}

function requestOf(req: NodeRequest, signal: AbortSignal): HttpRequest {
  // The origin only completes the URL; the Host header is ignored. An absolute-form target keeps its path.
  const target = req.url ?? '/';
  const url = URL.canParse(target, 'http://localhost')
    ? new URL(target, 'http://localhost')
    : new URL('http://localhost/-/');
  return {
    method: req.method ?? 'GET',
    path: target.startsWith('//') ? target : url.pathname,
    query: url.searchParams,
    from: req.socket.remoteAddress,
    header(name) {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    signal,
  };
}

async function send(
  { status, headers, body }: HttpResponse,
  headOnly: boolean,
  res: NodeResponse,
  gone: AbortSignal,
  stallMs: number,
): Promise<void> {
  res.writeHead(status, headers);
  if (typeof body === 'string') {
    res.end(headOnly ? '' : body);
    return;
  }
  const pages = isStreamed(body) ? body : streamedBody(body);
  try {
    if (headOnly) res.end();
    else await sendBody(pages, res, gone, stallMs);
  } finally {
    pages.done();
  }
}

async function sendBody(pages: StreamedBody, res: NodeResponse, gone: AbortSignal, stallMs: number): Promise<void> {
  let turn: ReturnType<typeof slices> | undefined;
  let watched = false;
  for (let index = 0; !gone.aborted && !res.destroyed; index++) {
    const { bytes, last, release } = pages.page(index);
    // The socket uses the page's memory until it calls back.
    if (last) {
      res.end(bytes, release);
      if (!watched && res.writableLength > 0) watch(res, stallMs);
      return;
    }
    if (bytes.length === 0) release();
    // Also fits HTTP/2's response.
    else if (!(res as ServerResponse).write(bytes, release)) {
      if (!watched) watch(res, stallMs);
      watched = true;
      // An error also ends the connection; `close` follows.
      await once(res, 'drain', { signal: gone }).catch(() => {});
    }
    turn ??= slices();
    await turn();
  }
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
  keepAliveTimeout: 5_000,
  // How often Node enforces the first two.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;

/** An HTTP/1 server that does not listen: it receives connections as `connection` events. */
export function http1(handle: (req: IncomingMessage, res: ServerResponse) => void): Server {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();
  const server = createServer({ ...limits, insecureHTTPParser: false }, (req, res) => {
    const { socket } = req;
    const open = answers.get(socket) ?? new Set();
    // Once a connection: a client may have sent many requests before it closes its side.
    if (!answers.has(socket)) socket.once('end', () => open.forEach(probeHalfClosed));
    answers.set(socket, open);
    open.add(res);
    res.once('close', () => open.delete(res));
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
