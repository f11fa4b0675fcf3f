import { startPostgres, startRedis } from 'test-servers';
import type { Start } from '../measure/exporter.ts';

/** A real server, as exporters are told of it. */
export interface Database {
  readonly url: string;
  /** Stops all its processes where they are: it accepts connections, and answers nothing. */
  freeze(): Promise<void>;
  stop(): Promise<void>;
}

/** What an exporter is started with for some servers, and the paths that scrape them all. */
export interface Told extends Start {
  readonly paths: readonly string[];
}

/** A kind of database, with its two exporters. */
export interface DatabaseKind {
  /** The family that says whether a server answered. */
  readonly up: string;
  /** Beginning of the names of its families. */
  readonly prefix: string;
  start(): Promise<Database>;
  kit(urls: readonly string[]): Told;
  peer(urls: readonly string[]): Told;
}

const metrics = ['/metrics'];

/** Addresses as the kit takes them: the only one, or a list of targets. */
function targets(source: string, setting: string, urls: readonly string[]): Told {
  const list = Object.fromEntries(urls.map((url, i) => [`server-${i}`, { [setting]: url }]));
  const flag = urls.length === 1 ? `--${source}.${setting}=${urls[0]}` : `--${source}.targets=${JSON.stringify(list)}`;
  return { flags: [flag], paths: metrics };
}

const each = (path: string, urls: readonly string[]): string[] =>
  urls.map((url) => `${path}?target=${encodeURIComponent(url)}`);

export const redis: DatabaseKind = {
  up: 'redis_up',
  prefix: 'redis_',
  async start() {
    const server = await startRedis();
    return {
      url: server.url,
      freeze: async () => void process.kill(server.program.pid, 'SIGSTOP'),
      stop: server.stop,
    };
  },
  kit: (urls) => targets('redis', 'addr', urls),
  peer: (urls) =>
    urls.length === 1
      ? { flags: [`--redis.addr=${urls[0]}`], paths: metrics }
      : { flags: [], paths: each('/scrape', urls) },
};

// On by default in the kit only.
const collectors = [
  'database_wraparound',
  'long_running_transactions',
  'postmaster',
  'stat_activity_autovacuum',
].concat(['stat_checkpointer', 'stat_wal_receiver']);

export const postgres: DatabaseKind = {
  up: 'pg_up',
  prefix: 'pg_',
  async start() {
    const server = await startPostgres();
    return {
      url: `${server.url}?sslmode=disable`,
      freeze: () => server.signalAll('SIGSTOP'),
      stop: () => server.stop(),
    };
  },
  kit: (urls) => targets('postgres', 'url', urls),
  peer(urls) {
    const flags = collectors.map((name) => `--collector.${name}`);
    return urls.length === 1
      ? { flags, env: { DATA_SOURCE_NAME: urls[0]! }, paths: metrics }
      : { flags, paths: each('/probe', urls) };
  },
};
