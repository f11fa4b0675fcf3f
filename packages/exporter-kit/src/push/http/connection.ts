import { Buffer } from 'node:buffer';
import type { Agent, RequestOptions, request } from 'node:http';
import type { Endpoint, TlsOptions } from './endpoint.ts';
import { readSecret, readText } from './secret.ts';
import { USER_AGENT } from './user-agent.ts';

/** The way to an endpoint for one delivery, with the secrets as they are now. */
export interface Connection {
  readonly url: URL;
  readonly request: typeof request;
  /** What every request has. */
  readonly options: RequestOptions;
  readonly headers: { readonly [name: string]: string };
  /** A server's words without the secrets that it was sent, should it repeat them. */
  conceal(said: string): string;
}

/**
 * Reads the secrets and certificates. Nothing is connected before the first request.
 *
 * @throws Error naming what can't be read.
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
  const { request, agent } = await wayTo(endpoint, tls === undefined ? {} : await certificates(tls));
  return {
    url,
    request,
    options: { hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port, agent },
    headers: { ...headers, 'user-agent': USER_AGENT, ...(authorization === undefined ? {} : { authorization }) },
    conceal: (said) => secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, '***'), said),
  };
}

interface Way {
  readonly request: typeof request;
  readonly agent: Agent;
  /** Its certificates, as text. */
  readonly with: string;
}

// A connection that nobody uses keeps no process alive, and saves the next delivery the making of one.
const ways = new WeakMap<Endpoint, Way>();

/** The endpoint's connections; others once its certificates are others. */
async function wayTo(endpoint: Endpoint, certificates: object): Promise<Way> {
  const known = ways.get(endpoint);
  if (known?.with === JSON.stringify(certificates)) return known;
  const secure = endpoint.url.protocol === 'https:';
  const { request, Agent } = await (secure ? import('node:https') : import('node:http'));
  const agent = new Agent({ keepAlive: true, ...certificates });
  const way = { request, agent, with: JSON.stringify(certificates) };
  ways.set(endpoint, way);
  return way;
}

async function certificates({ caFile, certFile, keyFile, serverName }: TlsOptions): Promise<object> {
  async function read(name: string, file: string | undefined): Promise<object> {
    if (file === undefined) return {};
    const pem = await readText(file, `tls.${name}File`);
    // Node takes authorities that are none in silence.
    if (!pem.includes('-----BEGIN ')) throw new Error(`tls.${name}File: ${file} is no PEM file.`);
    return { [name]: pem };
  }
  return {
    ...(await read('ca', caFile)),
    ...(await read('cert', certFile)),
    ...(await read('key', keyFile)),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
