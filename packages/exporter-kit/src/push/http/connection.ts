import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { proxyRules, proxySettings } from '../../client/proxy-rules.ts';
import { connectProxy, openTunnel, proxyHeaders } from '../../client/via-proxy.ts';
import type { Endpoint, TlsOptions } from './endpoint.ts';
import { readSecret, readText } from './secret.ts';
import { USER_AGENT } from './user-agent.ts';

/** Access to an endpoint for one delivery, with the secrets read for it. */
export interface Connection {
  readonly url: URL;
  /** Prefix of the path in a request: empty, or scheme and host for a proxy. */
  readonly prefix: string;
  /** Headers of every request. */
  readonly headers: { readonly [name: string]: string };
  /** Returns an idle connection or opens one; the signal aborts that. */
  open(signal: AbortSignal): Promise<Socket>;
  /** Keeps a connection for the next request. */
  keep(socket: Socket): void;
  /** Masks the secrets sent to the server, in case its response repeats them. */
  conceal(said: string): string;
}

/**
 * Reads the secrets and certificates. Does not connect before the first request.
 *
 * @throws Error with the setting that cannot be read.
 */
export async function connectionTo(endpoint: Endpoint): Promise<Connection> {
  const { url, options } = endpoint;
  const { username = '', password = '', bearerToken, headers, tls } = options;
  const secrets: string[] = [];
  let authorization: string | undefined;
  if (bearerToken !== undefined) {
    secrets.push(await readSecret(bearerToken, 'bearerToken'));
    authorization = `Bearer ${secrets[0]}`;
  } else if (username !== '') {
    const plain = await readSecret(password, 'password');
    secrets.push(Buffer.from(`${username}:${plain}`).toString('base64'), plain);
    authorization = `Basic ${secrets[0]}`;
  }
  const pem = tls === undefined ? {} : await certificates(tls);
  const proxy = proxyRules(proxySettings(process.env))(url);
  const forProxy = proxy === undefined ? {} : proxyHeaders(proxy);
  secrets.push(...Object.values(forProxy).map((value) => value.replace('Basic ', '')));
  const secure = url.protocol === 'https:';
  const idle = idleOf(endpoint, JSON.stringify([pem, proxy]));
  return {
    url,
    prefix: proxy !== undefined && !secure ? url.origin : '',
    headers: {
      host: url.host,
      ...headers,
      'user-agent': USER_AGENT,
      ...(authorization === undefined ? {} : { authorization }),
      ...(secure ? {} : forProxy),
      connection: 'keep-alive',
    },
    async open(signal) {
      return idle.take() ?? (await connected(url, pem, proxy, signal));
    },
    keep: idle.keep,
    conceal: (said) => secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, '***'), said),
  };
}

async function connected(url: URL, pem: object, proxy: URL | undefined, signal: AbortSignal): Promise<Socket> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port || (secure ? 443 : 80));
  let socket = proxy === undefined ? undefined : await connectProxy(proxy, signal);
  if (socket !== undefined && secure) await openTunnel(socket, `${url.hostname}:${port}`, proxyHeaders(proxy!), proxy!);
  if (secure) {
    const { connect } = await import('node:tls');
    const servername = isIP(host) === 0 ? host : '';
    const way = socket === undefined ? { host, port } : { socket, host };
    socket = connect({ ...way, servername, ALPNProtocols: ['http/1.1'], ...pem });
  } else if (socket === undefined) socket = connect({ host, port, noDelay: true });
  else return socket;
  socket.on('error', () => {});
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** The idle connection of an endpoint. */
interface Idle {
  /** The options it was opened with. */
  readonly as: string;
  take(): Socket | undefined;
  keep(socket: Socket): void;
}

// It does not keep the process alive, and saves the next delivery a handshake.
const idles = new WeakMap<Endpoint, Idle>();

/** The endpoint's idle connection, unless its certificates or proxy have changed. */
function idleOf(endpoint: Endpoint, as: string): Idle {
  const known = idles.get(endpoint);
  if (known?.as === as) return known;
  known?.take()?.destroy();
  let waiting: Socket | undefined;
  // Data without a request is not a response.
  const spoilt = function (this: Socket): void {
    this.destroy();
  };
  const idle: Idle = {
    as,
    take() {
      const socket = waiting;
      waiting = undefined;
      if (socket === undefined || socket.destroyed) return undefined;
      socket.off('readable', spoilt).off('end', spoilt).ref();
      return socket;
    },
    keep(socket) {
      if (waiting?.destroyed === false) {
        socket.destroy();
        return;
      }
      waiting = socket;
      socket.on('readable', spoilt).on('end', spoilt).unref();
    },
  };
  idles.set(endpoint, idle);
  return idle;
}

async function certificates({ caFile, certFile, keyFile, serverName }: TlsOptions): Promise<object> {
  async function read(name: string, file: string | undefined): Promise<object> {
    if (file === undefined) return {};
    const pem = await readText(file, `tls.${name}File`);
    // Node silently ignores invalid certificate authorities.
    if (!pem.includes('-----BEGIN ')) throw new Error(`tls.${name}File: ${file} is not a PEM file.`);
    return { [name]: pem };
  }
  return {
    ...(await read('ca', caFile)),
    ...(await read('cert', certFile)),
    ...(await read('key', keyFile)),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
