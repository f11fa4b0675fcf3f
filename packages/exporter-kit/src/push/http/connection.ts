import { Buffer } from 'node:buffer';
import type { Agent, RequestOptions, request } from 'node:http';
import type { Endpoint, TlsOptions } from './endpoint.ts';
import { readSecret, readText } from './secret.ts';
import { USER_AGENT } from './user-agent.ts';

/** The way to an endpoint for one delivery: secrets read, one connection kept for all its requests. */
export interface Connection {
  readonly url: URL;
  readonly request: typeof request;
  /** What every request has. */
  readonly options: RequestOptions;
  close(): void;
}

/**
 * Reads the secrets and certificates. Nothing is connected before the first request.
 *
 * @throws Error naming what can't be read.
 */
export async function connectionTo({ url, options }: Endpoint): Promise<Connection> {
  const { username = '', password = '', bearerToken, headers, tls } = options;
  const authorization =
    bearerToken !== undefined
      ? `Bearer ${await readSecret(bearerToken, 'bearerToken')}`
      : username === ''
        ? undefined
        : `Basic ${Buffer.from(`${username}:${await readSecret(password, 'password')}`).toString('base64')}`;
  const { request, Agent } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const agent: Agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    ...(tls === undefined ? {} : await certificates(tls)),
  });
  return {
    url,
    request,
    options: {
      hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port,
      agent,
      headers: { ...headers, 'user-agent': USER_AGENT, ...(authorization === undefined ? {} : { authorization }) },
    },
    close: () => agent.destroy(),
  };
}

async function certificates({ caFile, certFile, keyFile, serverName }: TlsOptions): Promise<object> {
  const read = async (name: string, file: string | undefined): Promise<object> =>
    file === undefined ? {} : { [name]: await readText(file, `tls.${name}File`) };
  return {
    ...(await read('ca', caFile)),
    ...(await read('cert', certFile)),
    ...(await read('key', keyFile)),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}
