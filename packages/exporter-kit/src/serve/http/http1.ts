import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { watchHalfClosed } from '../half-closed.ts';

/** Bounds for those who ask. */
export const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 5_000,
  // How often Node looks for those who are over the first two.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;

/** Makes a server of HTTP/1 that listens nowhere: connections are handed to it as `connection` events. */
export function http1(handle: (req: IncomingMessage, res: ServerResponse) => void): Server {
  const answers = new WeakMap<Duplex, Set<ServerResponse>>();
  const server = createServer({ ...limits, insecureHTTPParser: false }, (req, res) => {
    const open = answers.get(req.socket) ?? new Set();
    answers.set(req.socket, open);
    open.add(res);
    res.once('close', () => open.delete(res));
    watchHalfClosed(req, res);
    handle(req, res);
  });
  // A client may close its side once it has asked, and still read.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  // What is not looked at must not be there: the 16 KiB are the bound.
  server.maxHeadersCount = 0;
  // Otherwise Node looks for slow senders only when it listens itself.
  server.emit('listening');
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // More of what it was already told off for.
    if (socket.writableEnded) return;
    const midway = [...(answers.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (midway || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else refuse(error, socket);
  });
  return server;
}

const statuses: { readonly [code: string]: string } = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_INVALID_TRANSFER_ENCODING: '501 Not Implemented',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

const LINGER_MS = 1000;

/**
 * Says in one line what is wrong with what can't be read, and hangs up; a little later, since what the sender still sends
 * would make the kernel take the line back.
 */
function refuse({ code = '', reason = '' }: NodeJS.ErrnoException & { reason?: string }, socket: Duplex): void {
  // Of a length and chunked at once is not unknown, but wrong.
  const status = reason.includes('Content-Length') ? undefined : statuses[code];
  socket.end(`HTTP/1.1 ${status ?? '400 Bad Request'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
}
