import type { Resolve } from 'exporter-kit';
import { type Family, parseText } from 'exporter-kit/exposition';
import { scrape } from 'exporter-kit/testing';
import { type RedisServer, startRedis } from 'test-servers';
import { onTestFinished } from 'vitest';
import { parseAddress } from '../src/client/address.ts';
import type { RedisClient } from '../src/client/client.ts';
import { connect, type TlsFiles } from '../src/client/connect.ts';
import { type RedisOptions, redisCollectors } from '../src/collectors.ts';
import { parseInfo } from '../src/parse/info.ts';
import { withGiven } from './recorded.ts';

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

/** Runs all collectors over one connection, each time it is called; settings are by collector. */
export async function exposer(
  addr: string,
  settings: { readonly [collector: string]: object } = {},
  options: RedisOptions = {},
): Promise<() => Promise<Family[]>> {
  const client = await open(addr);
  const collectors = redisCollectors(options);
  return async () => {
    const info = parseInfo((await client.command(['INFO', 'everything'])) as string);
    const runs = collectors.map(async (one) => {
      try {
        return parseText((await scrape(withGiven(one, client, info), { config: settings[one.name] ?? {} })).text);
      } catch (error) {
        if (/unsupported|unknown command|not a (sentinel|node)/i.test((error as Error).message)) return [];
        throw error;
      }
    });
    return (await Promise.all(runs)).flat();
  };
}
