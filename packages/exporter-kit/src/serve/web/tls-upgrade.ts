import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from '../../collect/context.ts';
import { refusalOf } from './client-certificate.ts';
import type { ActiveWebConfig, WebConfigStore } from './web-config-store.ts';

const SPEAK_TLS =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nTLS is spoken here; write https://\n';

/** What a connection was made of; Node tells it in no other way. */
const rawOf = (socket: TLSSocket): Socket => (socket as { _parent?: Socket })._parent ?? socket;

/**
 * Makes the function that makes a connection a TLS one, as the web configuration has it at that moment, and hands it on once
 * it may be served.
 */
export function tlsUpgrade(
  web: WebConfigStore,
  log: Logger,
  onward: (socket: TLSSocket, raw: Socket) => void,
): (raw: Socket) => void {
  // A server for each state of the files; it listens nowhere, and is left to those who came while it was the latest.
  let latest: { readonly of: ActiveWebConfig; readonly server: Server } | undefined;

  function serverOf(state: ActiveWebConfig): Server {
    if (latest?.of === state) return latest.server;
    const { secure, tls } = state;
    const server = createServer(secure!.options);
    latest = { of: state, server };
    server.on('secureConnection', (socket) => {
      const why = refusalOf(socket, tls!);
      if (why === undefined) {
        onward(socket, rawOf(socket));
        return;
      }
      log.debug({ from: socket.remoteAddress, reason: why }, 'client refused');
      socket.destroy();
    });
    server.on('tlsClientError', (err, socket) => {
      log.debug({ from: socket.remoteAddress, err }, 'TLS handshake failed');
      const inTheClear = (err as NodeJS.ErrnoException).code === 'ERR_SSL_HTTP_REQUEST';
      if (inTheClear && !rawOf(socket).destroyed) rawOf(socket).end(SPEAK_TLS, () => socket.destroy());
      else socket.destroy();
    });
    return server;
  }

  return (raw) => {
    void web.refresh().then(() => {
      if (!raw.destroyed) serverOf(web.state).emit('connection', raw);
    });
  };
}
