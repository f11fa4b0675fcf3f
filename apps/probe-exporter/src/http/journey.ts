import { readFile } from 'node:fs/promises';
import type { ProbeContext } from 'exporter-kit';
import { withoutCredentials } from 'exporter-kit/http-client';
import { type Chosen, choose } from '../net/address.ts';
import type { HttpConfig } from './config.ts';
import { headersOf } from './headers.ts';
import type { Stopwatch } from './phases.ts';
import { orByProxy, proxyOf } from './proxy.ts';
import { redirectOf } from './redirect.ts';
import { type HttpRequest, type HttpResponse, roundTrip } from './round-trip.ts';

/** Progress of a probe, filled in step by step, so that a failure keeps what came before. */
export interface Journey {
  /** The last response. */
  response: HttpResponse | undefined;
  /** Number of redirects so far. */
  redirects: number;
  /** Whether the last response is a redirect that is not to be followed. */
  stopped: boolean;
}

/** Redirects to follow. */
export const MOST_REDIRECTS = 10;

/** Whether a module follows redirects. */
export const follows = (config: HttpConfig): boolean => config.follow_redirects && config.no_follow_redirects !== true;

/**
 * Requests a URL from an address, and follows redirects.
 *
 * @throws Error if there is no response, or a redirect leads to a denied target.
 */
export async function travel(
  first: URL,
  address: Chosen | undefined,
  { config, resolve, signal, log }: ProbeContext<HttpConfig>,
  watch: Stopwatch,
  journey: Journey,
): Promise<void> {
  const headersFor = await headersOf(config, first);
  const { server_name: named } = config.tls_config;
  let next: Pick<HttpRequest, 'url' | 'address' | 'method' | 'body'> = {
    url: first,
    address,
    method: config.method,
    body: config.body ?? (config.body_file === undefined ? undefined : await readFile(config.body_file, 'utf8')),
  };
  for (;;) {
    const { url, method } = next;
    const headers = headersFor(url);
    const home = url.host === first.host;
    const serverName = (home ? named : undefined) ?? hostOf(headers.host);
    const proxy = proxyOf(config, url, next.address);
    log.debug({ url: withoutCredentials(url), address: next.address?.address, method }, 'sending request');
    const response = await roundTrip({
      ...next,
      headers,
      proxy,
      serverName,
      tls: config.tls_config,
      http2: config.enable_http2,
      signal,
      watch,
    });
    journey.response = response;
    log.debug({ status: response.status, version: response.version }, 'received response');
    const redirect = redirectOf(response, next);
    if (redirect === undefined) return;
    journey.redirects++;
    journey.stopped = !follows(config) || journey.redirects > MOST_REDIRECTS;
    log.info(
      { location: withoutCredentials(redirect.url) },
      journey.stopped ? 'not following the redirect' : 'following the redirect',
    );
    if (journey.stopped) return;
    watch.end();
    response.close();
    const resolved = await orByProxy(async () => choose(await resolve(redirect.url), config), redirect.url, config);
    watch.add('resolve', resolved?.lookupSeconds ?? 0);
    next = { ...redirect, address: resolved };
  }
}

/** `example.com:8443` and `[::1]` without port and brackets. */
const hostOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
