import { describeAddress } from './address.ts';
import type { Login } from './login.ts';
import { scrapeMeter } from './meter.ts';
import { openPool } from './pool.ts';
import type { Row } from './session.ts';

/** How a query is run. */
export interface QueryOptions {
  /** Aborts at the deadline: the query is then cancelled on the server. */
  readonly signal: AbortSignal;
  /** For `$1`, `$2`, … */
  readonly values?: readonly string[];
  /** Default: the database of the settings. */
  readonly database?: string;
  /** Whether a scrape begins with it: replies from here on may have 128 MiB together. */
  readonly beginsScrape?: boolean;
}

/** Queries one server over a few connections. */
export interface PostgresClient {
  /** `host:port`, or the path of the socket. */
  readonly address: string;
  /** The database of the settings. */
  readonly database: string;
  /** Which databases other than `database` are read as well: all but these; `undefined` for none. */
  readonly excluded: readonly string[] | undefined;
  query(sql: string, options: QueryOptions): Promise<Row[]>;
  close(): Promise<void>;
}

/** Options of {@link connect}. */
export interface ConnectOptions {
  /** Maximum connections at a time, to all databases together. */
  readonly maxConnections: number;
  readonly excluded: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/** Connects to the database of the settings; others are connected to when they are queried. */
export async function connect(
  login: Login,
  { maxConnections, excluded, signal }: ConnectOptions,
): Promise<PostgresClient> {
  const together = scrapeMeter();
  const pool = await openPool(login, { maxConnections, signal, together });
  return {
    address: describeAddress(login.address),
    database: login.database,
    excluded,
    async query(sql, { signal, values = [], database = login.database, beginsScrape = false }) {
      if (beginsScrape) together.restart();
      together.add(0, 0);
      const session = await pool.acquire(database, signal);
      try {
        return await session.query(sql, values, signal);
      } finally {
        void pool.release(session);
      }
    },
    close: pool.close,
  };
}
