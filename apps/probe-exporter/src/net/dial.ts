import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Chosen } from './address.ts';

/** Connects to an address. @throws Error if that fails; AbortError if the signal aborts. */
export async function dial(
  { address, family }: Chosen,
  port: number,
  signal: AbortSignal,
  localAddress?: string,
): Promise<Socket> {
  const socket = connect({ host: address, family, port, ...(localAddress === undefined ? {} : { localAddress }) });
  // Once connected, reads report errors.
  const kept = (): void => {};
  socket.on('error', kept);
  const cut = (): void => void socket.destroy();
  signal.addEventListener('abort', cut);
  socket.once('close', () => signal.removeEventListener('abort', cut));
  await once(socket, 'connect', { signal });
  return socket;
}
