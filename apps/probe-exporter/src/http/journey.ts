import { readFile } from 'node:fs/promises';
import type { ProbeContext } from 'exporter-kit';
import { withoutCredentials } from 'exporter-kit/http';
import { type Chosen, choose } from '../net/address.ts';
import type { HttpConfig } from './config.ts';
import { headersOf } from './headers.ts';
import type { Stopwatch } from './phases.ts';
import { orByProxy, proxyOf } from './proxy.ts';
import { redirectOf } from './redirect.ts';
import { type Ask, type Reply, roundTrip } from './round-trip.ts';

/** How far a probe has come; filled on the way, so that a failure leaves what was met before. */
export interface Journey {
  /** The last answer. */
  reply: Reply | undefined;
  /** Redirects that were met. */
  redirects: number;
  /** Whether the last answer is one that was not to be followed. */
  stopped: boolean;
}

/** Redirects that are followed. */
export const MOST_REDIRECTS = 10;

/** Whether a module follows redirects. */
export const follows = (config: HttpConfig): boolean => config.follow_redirects && config.no_follow_redirects !== true;

/**
 * Asks a URL at an address, and follows redirects.
 *
 * @throws Error when an answer does not come, or a redirect leads to where probes may not go.
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
  let next: Pick<Ask, 'url' | 'address' | 'method' | 'body'> = {
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
    log.debug({ url: withoutCredentials(url), address: next.address?.address, method }, 'asking');
    const reply = await roundTrip({
      ...next,
      headers,
      proxy,
      serverName,
      tls: config.tls_config,
      http2: config.enable_http2,
      signal,
      watch,
    });
    journey.reply = reply;
    log.debug({ status: reply.status, version: reply.version }, 'answered');
    const redirect = redirectOf(reply, next);
    if (redirect === undefined) return;
    journey.redirects++;
    journey.stopped = !follows(config) || journey.redirects > MOST_REDIRECTS;
    log.info(
      { location: withoutCredentials(redirect.url) },
      journey.stopped ? 'not following the redirect' : 'following the redirect',
    );
    if (journey.stopped) return;
    watch.end();
    reply.close();
    const resolved = await orByProxy(async () => choose(await resolve(redirect.url), config), redirect.url, config);
    watch.add('resolve', resolved?.lookupSeconds ?? 0);
    next = { ...redirect, address: resolved };
  }
}

/** `example.com:8443` and `[::1]` without port and brackets. */
const hostOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
