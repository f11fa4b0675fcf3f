import { lstat, unlink } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { codeOf, messageOf } from '../../errors/thrown.ts';
import { type Address, addressText } from './address.ts';

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there; stop it or choose another address',
  EACCES: 'this user may not; choose a port above 1023, or a directory that belongs to it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the host name is not known here',
  ENOENT: 'there is no such directory',
  EEXIST: 'there is a file that is no socket; choose another path',
  EBADF: 'no socket is open there',
  EINVAL: 'no socket is open there',
};

/** A socket that accepts connections. */
export interface OpenSocket {
  readonly server: Server;
  /** With the port it got. */
  readonly address: Address;
}

/**
 * Listens, and hands on each connection.
 *
 * @param mode permissions of a socket in the file system
 * @throws Error saying where and why it can't.
 */
export async function openSocket(
  address: Address,
  mode: number,
  connected: (socket: Socket) => void,
): Promise<OpenSocket> {
  // As node:http has it.
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

/** Takes the place of a socket file that its program has left behind, but of nothing else. */
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

/** The socket is made in this turn, with these permissions from the start. */
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
    // Anything but a refusal is somebody.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
