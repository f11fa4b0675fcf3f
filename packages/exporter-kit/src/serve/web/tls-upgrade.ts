import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Logger } from '../../collect/context.ts';
import { plainName } from './read-tls.ts';
import type { TlsSettings } from './settings.ts';
import type { ActiveWebConfig, WebConfigStore } from './web-config-store.ts';

const SPEAK_TLS =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nthis server speaks TLS; use https://\n';

/** The TCP socket under a TLS one; Node has no public way to it. */
const rawOf = (socket: TLSSocket): Socket => (socket as { _parent?: Socket })._parent ?? socket;

/**
 * Returns a function that upgrades a connection to TLS, under the web configuration of that moment, and passes it on once
 * the client is accepted.
 */
export function tlsUpgrade(
  web: WebConfigStore,
  log: Logger,
  onward: (socket: TLSSocket, raw: Socket) => void,
): (raw: Socket) => void {
  // One server for each configuration; it does not listen, and keeps the connections made while it was the latest.
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
      log.debug({ from: socket.remoteAddress, reason: why }, 'client rejected');
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

/** Why a client is refused after its handshake; `undefined` if it is accepted. */
function refusalOf(
  socket: TLSSocket,
  { clientAuth, allowedSans }: Pick<TlsSettings, 'clientAuth' | 'allowedSans'>,
): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    if (clientAuth.startsWith('Require')) return 'no client certificate';
    return allowedSans === undefined ? undefined : 'no client certificate, which client_allowed_sans requires';
  }
  if (clientAuth.includes('Verif') && !socket.authorized) return `client certificate: ${socket.authorizationError}`;
  if (allowedSans === undefined) return undefined;
  const names = namesOf(certificate.subjectAltName ?? '');
  return names.some((name) => allowedSans.has(name)) ? undefined : 'no allowed name in the client certificate';
}

/**
 * Parses Node's line of names, `DNS:a.example, IP Address:127.0.0.1`, where ambiguous names are quoted as JSON. Anything
 * else is ignored.
 */
export function namesOf(line: string): string[] {
  const names: string[] = [];
  const next = /(?:, |^)([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
  for (let found = next.exec(line); found !== null && found[0] !== ''; found = next.exec(line)) {
    const [, kind, said] = found as unknown as [string, string, string];
    if (!['DNS', 'IP Address', 'URI', 'email'].includes(kind)) continue;
    names.push(plainName(said.startsWith('"') ? String(JSON.parse(said)) : said));
  }
  return names;
}
