import type { Socket } from 'node:net';
import { connectProxy, openTunnel, proxyHeaders, proxyRules, proxySettings, proxyUrl } from 'exporter-kit/http-client';
import type { Chosen } from '../net/address.ts';
import type { HttpConfig } from './config.ts';

/** The proxy of a request. */
export interface WebProxy {
  /** Headers of requests that it forwards. */
  readonly headers: { readonly [name: string]: string };
  connect(signal: AbortSignal): Promise<Socket>;
  /** Opens a tunnel to the checked address, or to the name without one. */
  tunnel(socket: Socket, address: Chosen | undefined, hostname: string, port: number): Promise<void>;
}

/** The proxy for a URL, if any. As in blackbox_exporter, `proxy_url` without `no_proxy` applies to all URLs. */
export function proxyOf(config: HttpConfig, url: URL, address: Chosen | undefined): WebProxy | undefined {
  const { proxy_url: given, no_proxy: no, proxy_from_environment: fromEnvironment } = config;
  if (given !== undefined && no === '') return through(proxyUrl(given), config);
  const settings = fromEnvironment ? proxySettings(process.env) : { http: given, https: given, no };
  const proxy = proxyRules(settings)(url, address?.address);
  return proxy === undefined ? undefined : through(proxy, config);
}

function through(proxy: URL, { proxy_connect_header: more }: HttpConfig): WebProxy {
  const headers = proxyHeaders(proxy);
  const others = Object.entries(more).map(([name, values]) => [name, values.join(', ')]);
  return {
    headers,
    connect: (signal) => connectProxy(proxy, signal),
    tunnel(socket, address, hostname, port) {
      const host = address === undefined ? hostname : address.family === 6 ? `[${address.address}]` : address.address;
      return openTunnel(socket, `${host}:${port}`, { ...headers, ...Object.fromEntries(others) }, proxy);
    },
  };
}

/**
 * Resolves the address; `undefined` if it can't be resolved and the module leaves that to its proxy. Denied targets are
 * denied through a proxy, too.
 */
export async function orByProxy(
  find: () => Promise<Chosen>,
  url: URL,
  config: HttpConfig,
): Promise<Chosen | undefined> {
  try {
    return await find();
  } catch (error) {
    const leave = config.skip_resolve_phase_with_proxy && proxyOf(config, url, undefined) !== undefined;
    if (leave && /can't be resolved/.test((error as Error).message)) return undefined;
    throw error;
  }
}
