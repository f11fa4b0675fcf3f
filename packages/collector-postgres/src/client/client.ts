import { once, setMaxListeners } from 'node:events';
import { describeAddress } from './address.ts';
import type { Login } from './login.ts';
import { isServerError, openSession, type Row, type Session } from './session.ts';

/** How a query is run. */
export interface QueryOptions {
  /** Aborts at the deadline: the query is then cancelled on the server. */
  readonly signal: AbortSignal;
  /** For `$1`, `$2`, … */
  readonly values?: readonly string[];
  /** Default: the database of the settings. */
  readonly database?: string;
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
export async function connect(login: Login, options: ConnectOptions): Promise<PostgresClient> {
  const idle = [await openSession(login, login.database, options.signal)];
  const released = new EventTarget();
  setMaxListeners(0, released); // one for each query that waits
  let open = 1;
  let opening = 0;
  let closed = false;

  function tellReleased(): void {
    released.dispatchEvent(new Event('released'));
  }

  function forget(): void {
    open--;
    tellReleased();
  }

  function takeIdle(database: string): Session | undefined {
    for (const session of idle.filter(({ usable }) => !usable)) {
      idle.splice(idle.indexOf(session), 1);
      forget();
    }
    const index = idle.findIndex((session) => session.database === database);
    return index < 0 ? undefined : idle.splice(index, 1)[0];
  }

  /** Closes an idle connection, to another database than that of the settings if there is one. */
  async function closeIdle(): Promise<boolean> {
    const index = idle.findIndex(({ database }) => database !== login.database);
    const [session] = idle.splice(Math.max(index, 0), 1);
    await session?.close();
    if (session !== undefined) forget();
    return session !== undefined;
  }

  async function acquire(database: string, signal: AbortSignal): Promise<Session> {
    let limit = options.maxConnections;
    for (;;) {
      if (closed) throw new Error(`the connections to ${describeAddress(login.address)} are closed`);
      const session = takeIdle(database);
      if (session !== undefined) return session;
      if (open + opening < limit) {
        opening++;
        try {
          const session = await openSession(login, database, signal);
          open++;
          return session;
        } catch (error) {
          // The server has no room for one more; those that are open may do.
          if (!isServerError(error) || error.code !== TOO_MANY_CONNECTIONS || open === 0) throw error;
          if (limit < options.maxConnections) throw error;
          limit = open;
        } finally {
          opening--;
          tellReleased();
        }
      } else if (!(await closeIdle())) {
        await once(released, 'released', { signal });
      }
    }
  }

  async function release(session: Session): Promise<void> {
    await session.settled();
    if (closed && session.usable) await session.close();
    if (!session.usable) return forget();
    idle.push(session);
    tellReleased();
  }

  return {
    address: describeAddress(login.address),
    database: login.database,
    excluded: options.excluded,
    async query(sql, { signal, values = [], database = login.database }) {
      const session = await acquire(database, signal);
      try {
        return await session.query(sql, values, signal);
      } finally {
        void release(session);
      }
    },
    async close() {
      closed = true;
      tellReleased();
      while (open + opening > 0) if (!(await closeIdle())) await once(released, 'released');
    },
  };
}

const TOO_MANY_CONNECTIONS = '53300';
