import { Client } from 'pg';
import { describeAddress } from './address.ts';
import { requestCancel } from './cancel.ts';
import { ExtendedQuery } from './extended-query.ts';
import type { Login } from './login.ts';
import type { Meter } from './meter.ts';
import { guardReplies } from './reply-guard.ts';

/** A row as text, by column; `null` where it has no value. */
export interface Row {
  readonly [column: string]: string | null;
}

/** One connection to one database. It runs one query at a time. */
export interface Session {
  readonly database: string;
  /** Whether it can take another query. */
  readonly usable: boolean;
  /**
   * Runs a query. When the signal aborts, the query is cancelled on the server, and this rejects at once; the session is
   * busy until {@link settled}.
   */
  query(sql: string, values: readonly string[], signal: AbortSignal): Promise<Row[]>;
  /** Resolves when the last query has ended, or the connection has. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Connects to a database. When the signal aborts, the attempt ends.
 *
 * @throws Error that names the server.
 */
export async function openSession(login: Login, database: string, { signal, together }: OpenOptions): Promise<Session> {
  let failure: unknown;
  for (const host of login.hosts) {
    for (const tls of attempts(login)) {
      try {
        const [client, guard] = await connectTo(login, { host, database, tls, signal, together });
        return sessionOf(client, guard, database, host, login.address.port);
      } catch (error) {
        failure = error;
        signal.throwIfAborted();
        // The server has answered: another address would be another server.
        if (isServerError(error)) throw error;
        if (!(error instanceof Error && error.message === NO_TLS)) break;
      }
    }
  }
  const why = failure instanceof Error ? failure.message || (failure as NodeJS.ErrnoException).code : String(failure);
  throw new Error(`${describeAddress(login.address)}: ${why}`, { cause: failure });
}

/** Whether the server said it, in an error message of the protocol. */
export function isServerError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'severity' in error && typeof (error as { code?: unknown }).code === 'string';
}

// What the driver says, word for word.
const NO_TLS = 'The server does not support SSL connections';
const CANCEL_MS = 1_000;
const CLOSE_MS = 1_000;

function attempts({ tls, sslmode }: Login): readonly (Login['tls'] | false)[] {
  return tls === undefined ? [false] : sslmode === 'prefer' ? [tls, false] : [tls];
}

/** Options of {@link openSession}. */
export interface OpenOptions {
  readonly signal: AbortSignal;
  /** Counts the replies of all sessions. */
  readonly together: Meter;
}

interface ConnectOptions extends OpenOptions {
  readonly host: string;
  readonly database: string;
  readonly tls: Login['tls'] | false;
}

async function connectTo(
  login: Login,
  { host, database, tls, signal, together }: ConnectOptions,
): Promise<[Client, Meter]> {
  signal.throwIfAborted();
  const client = new Client({
    host,
    port: login.address.port,
    user: login.user,
    // A function, because the driver takes an empty password for none and looks in the environment.
    password: () => login.password,
    database,
    ssl: tls ?? false,
    application_name: APPLICATION,
    keepAlive: true,
  });
  client.on('error', () => {}); // queries reject with it
  const guard = guardReplies(client, together);
  const abort = (): void => void socketOf(client).destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    signal.throwIfAborted();
    return [client, guard];
  } catch (error) {
    abort();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const APPLICATION = 'postgres_exporter';

function sessionOf(client: Client, guard: Meter, database: string, host: string, port: number): Session {
  // The driver's types do not know its properties of the session.
  const { processID, secretKey } = client as Client & { readonly processID: number; readonly secretKey: number };
  const place = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}`, port } : { host, port };
  let usable = true;
  let last: Promise<unknown> = Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    client.on('end', () => {
      usable = false;
      resolve();
    });
  });

  // Until both are over: the request, which must not hit the next query, and the query.
  async function cancel(answer: Promise<unknown>): Promise<void> {
    await requestCancel({ ...place, processID, secretKey }, CANCEL_MS);
    const timeout = setTimeout(() => void socketOf(client).destroy(), CANCEL_MS);
    await answer;
    clearTimeout(timeout);
  }

  return {
    database,
    get usable() {
      return usable;
    },
    async query(sql, values, signal) {
      signal.throwIfAborted();
      guard.restart();
      const answer = new Promise<Row[]>((resolve, reject) => {
        client.query(new ExtendedQuery(sql, values, { resolve, reject }));
      });
      last = answer.catch(() => {});
      let abort = (): void => {};
      const aborted = new Promise<never>((_, reject) => {
        abort = () => {
          reject(signal.reason);
          last = Promise.race([cancel(last), ended]);
        };
        signal.addEventListener('abort', abort, { once: true });
      });
      try {
        return await Promise.race([answer, aborted]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    settled: () => last.then(() => {}),
    async close() {
      usable = false;
      const timeout = setTimeout(() => void socketOf(client).destroy(), CLOSE_MS);
      await Promise.race([client.end().catch(() => {}), ended]);
      clearTimeout(timeout);
      socketOf(client).destroy();
    },
  };
}

function socketOf(client: Client): { destroy(): void } {
  return client.connection.stream;
}
