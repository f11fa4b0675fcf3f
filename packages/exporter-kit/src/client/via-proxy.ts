import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { basicCredentials } from './credentials.ts';
import { sendRequest } from './send-request.ts';

/** Connects to a proxy; an abort also closes the connection later. @throws Error naming the proxy; AbortError on abort. */
export async function connectProxy(proxy: URL, signal: AbortSignal): Promise<Socket> {
  const secure = proxy.protocol === 'https:';
  const host = proxy.hostname.replace(/^\[(.*)\]$/, '$1');
  const at = { host, port: Number(proxy.port || (secure ? 443 : 80)) };
  // Loaded here, since most programs need no TLS, and it takes longer to load than the kit.
  const tls = secure ? await import('node:tls') : undefined;
  const socket = tls?.connect({ ...at, servername: isIP(host) === 0 ? host : '' }) ?? connect(at);
  socket.on('error', () => {});
  const cut = (): void => void socket.destroy();
  signal.addEventListener('abort', cut);
  socket.once('close', () => signal.removeEventListener('abort', cut));
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    if (signal.aborted) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw Object.assign(new Error(`the proxy ${proxy.host}: ${message || code}`, { cause }), { code });
  }
}

/** Headers for a proxy: its URL's credentials, and `others`. */
export function proxyHeaders(proxy: URL, others: { readonly [name: string]: string } = {}): { [name: string]: string } {
  const basic = basicCredentials(proxy);
  return { ...(basic === undefined ? {} : { 'proxy-authorization': basic }), ...others };
}

/**
 * Opens a tunnel to `host:port` through a proxy.
 *
 * @throws Error with the proxy's status.
 */
export async function openTunnel(
  socket: Socket,
  where: string,
  headers: { readonly [name: string]: string },
  proxy: URL,
): Promise<void> {
  const response = await sendRequest(socket, {
    method: 'CONNECT',
    target: where,
    headers: { host: where, ...headers },
  });
  if (response.status >= 200 && response.status < 300 && (await response.reusable('tunnel'))) return;
  socket.destroy();
  throw new Error(`the proxy ${proxy.host} answered ${response.status} instead of connecting to ${where}`);
}
