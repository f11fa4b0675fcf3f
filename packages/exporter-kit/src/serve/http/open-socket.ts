import { lstat, unlink } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { type Address, addressText } from './address.ts';

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: 'address already in use; stop the other program or choose another address',
  EACCES: 'permission denied; choose a port above 1023, or a directory this user owns',
  EADDRNOTAVAIL: 'not an address of this host',
  ENOTFOUND: 'unknown host name',
  ENOENT: 'no such directory',
  EEXIST: 'the file exists and is not a socket; choose another path',
  EBADF: 'not an open socket',
  EINVAL: 'not an open socket',
};

/** A socket that accepts connections. */
export interface OpenSocket {
  readonly server: Server;
  /** With the actual port. */
  readonly address: Address;
}

/**
 * Listens, and passes on each connection.
 *
 * @param mode permissions of a Unix socket
 * @throws Error with address and reason.
 */
export async function openSocket(
  address: Address,
  mode: number,
  connected: (socket: Socket) => void,
): Promise<OpenSocket> {
  // Same as node:http.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, connected);
  try {
    if ('path' in address) await listenAt(server, address.path, mode);
    else await listening(server, 'fd' in address ? address : { port: address.port, ...hostOf(address) });
  } catch (cause) {
    const reason = reasons[codeOf(cause) ?? ''] ?? messageOf(cause);
    throw new Error(`cannot listen on ${addressText(address)}: ${reason}.`, { cause });
  }
  const at = server.address() as AddressInfo | string | null;
  if ('path' in address || at === null) return { server, address };
  if (typeof at === 'string') return { server, address: { path: at } };
  return { server, address: { host: 'host' in address ? address.host : at.address, port: at.port } };
}

const hostOf = ({ host }: { readonly host: string }): { host?: string } => (host === '' ? {} : { host });

function listening(server: Server, where: { port: number } | { fd: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Replaces a stale socket file, but no other file. */
async function listenAt(server: Server, path: string, mode: number): Promise<void> {
  try {
    await withMode(mode, () => listening(server, { path }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (!(await lstat(path)).isSocket()) throw Object.assign(new Error('no socket'), { code: 'EEXIST' });
    if (await isAlive(path)) throw error;
    await unlink(path);
    await withMode(mode, () => listening(server, { path }));
  }
}

/** Safe, as the socket is created synchronously; so it never has other permissions. */
function withMode(mode: number, make: () => Promise<void>): Promise<void> {
  const before = process.umask(0o777 & ~mode);
  try {
    return make();
  } finally {
    process.umask(before);
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Only a refused connection means that nobody listens.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
