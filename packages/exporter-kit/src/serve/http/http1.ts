import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

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
    const open = answers.get(req.socket) ?? new Set();
    answers.set(req.socket, open);
    open.add(res);
    res.once('close', () => open.delete(res));
    probeHalfClosed(req, res);
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
function probeHalfClosed(req: IncomingMessage, res: ServerResponse): void {
  if (req.httpVersion === '1.0') return;
  const { socket } = req;
  const timers: NodeJS.Timeout[] = [];
  const ended = (): void => {
    for (const ms of PROBES_MS) {
      timers.push(setTimeout(() => res.headersSent || res.destroyed || res.writeProcessing(), ms));
    }
  };
  if (socket.readableEnded) ended();
  else socket.once('end', ended);
  res.once('close', () => {
    socket.off('end', ended);
    for (const timer of timers) clearTimeout(timer);
  });
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
