import { once } from 'node:events';
import { connect } from 'node:net';

/** What a server needs to know of the session whose query is to be cancelled. */
export interface Session {
  /** The address, or the path of a unix socket, that the session is connected to. */
  readonly path?: string;
  readonly host?: string;
  readonly port: number;
  readonly processID: number;
  readonly secretKey: number;
}

/**
 * Asks the server to cancel the query of a session: by a connection of its own, as the protocol wants it, which sends 16 bytes
 * and needs no login. Resolves when the server has taken the request or `timeoutMs` is over, never rejects: whether the
 * query has ended is seen at its own connection.
 */
export async function requestCancel(session: Session, timeoutMs: number): Promise<void> {
  const { path, host, port, processID, secretKey } = session;
  const socket = path === undefined ? connect({ host: host as string, port }) : connect({ path });
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(CANCEL_REQUEST, 4);
  message.writeInt32BE(processID, 8);
  message.writeInt32BE(secretKey, 12);
  socket.end(message).resume();
  try {
    await once(socket, 'close', { signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    // The server does not answer; the caller closes the session.
  } finally {
    socket.destroy();
  }
}

const CANCEL_REQUEST = 80877102;
