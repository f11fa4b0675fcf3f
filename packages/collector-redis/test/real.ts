import { exporter, type Logger, type Resolve, serve } from 'exporter-kit';
import { type RedisServer, startRedis } from 'test-servers';
import { onTestFinished } from 'vitest';
import { parseAddress } from '../src/client/address.ts';
import type { RedisClient } from '../src/client/client.ts';
import { connect, type TlsFiles } from '../src/client/connect.ts';
import { type RedisOptions, redisCollectors } from '../src/collectors.ts';

/** Starts a server that ends with the test. */
export async function server(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const started = await startRedis(options);
  onTestFinished(() => started.stop());
  return started;
}

/** As the kit resolves outside of `/probe`, of addresses only. */
const resolve: Resolve = async () => {
  const lookup = (_: string, { all }: { all?: boolean }, done: (...found: unknown[]) => void) =>
    all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
  return { addresses: [{ address: '127.0.0.1', family: 4 }], lookup: lookup as never, lookupMs: 0 };
};

export interface OpenOptions {
  readonly user?: string;
  readonly password?: string;
  readonly signal?: AbortSignal;
  readonly tls?: Partial<TlsFiles>;
}

/** Connects as the source does. */
export async function open(addr: string, { signal, tls, ...login }: OpenOptions = {}): Promise<RedisClient> {
  const client = await connect(parseAddress(addr), {
    ...login,
    tls: { skipVerify: false, ...tls },
    resolve,
    signal: signal ?? new AbortController().signal,
  });
  onTestFinished(() => client.close());
  return client;
}

/** How an exporter of one server is served. */
export interface ServedOptions extends RedisOptions {
  /** Of collectors, by name. */
  readonly settings?: { readonly [collector: string]: object };
  readonly log?: Logger;
}

/** Serves all collectors, those that are off by default too, until the test ends; returns what scrapes it. */
export async function served(
  redisSettings: object,
  { settings: collector = {}, log = silent, ...options }: ServedOptions = {},
): Promise<(timeoutSeconds?: number) => Promise<string>> {
  const collectors = redisCollectors(options).map((one) => ({ ...one, enabled: true }));
  const { url, close } = await serve(exporter({ name: 'redis_exporter', version: '1.0.0', collectors }), {
    settings: { collector },
    sources: { redis: redisSettings },
    log,
  });
  onTestFinished(() => close(1000));
  return async (timeoutSeconds = 20) => {
    const headers = { 'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds) };
    return (await fetch(new URL('/metrics', url), { headers })).text();
  };
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
