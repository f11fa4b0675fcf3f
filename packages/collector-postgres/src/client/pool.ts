import { describeAddress } from './address.ts';
import type { Login } from './login.ts';
import { isServerError, type OpenOptions, openSession, type Session } from './session.ts';

/** A few connections to the databases of one server. */
export interface Pool {
  /**
   * A session that nobody else uses, opened if there is none and one more is allowed; else the next that is released, in the
   * order of the calls. When the signal aborts, waiting ends.
   */
  acquire(database: string, signal: AbortSignal): Promise<Session>;
  /** Lets others have the session, once its last query has ended. */
  release(session: Session): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link openPool}. */
export interface PoolOptions extends OpenOptions {
  readonly maxConnections: number;
}

interface Waiter {
  readonly database: string | undefined;
  wake(session?: Session): void;
}

/** Opens the first connection, to the database of the login; others when they are needed, at most `maxConnections` in all. */
export async function openPool(login: Login, { maxConnections, signal, together }: PoolOptions): Promise<Pool> {
  const idle = [await openSession(login, login.database, { signal, together })];
  const waiting: Waiter[] = [];
  let open = 1;
  let opening = 0;
  let fullUntil = 0;
  let closing: Promise<void> | undefined;

  const mayOpen = (): boolean => open + opening < (performance.now() < fullUntil ? 1 : maxConnections);

  /** Hands a session to the first that waits for its database; if none does, the first of all may use its place. */
  function wake(session?: Session): void {
    const index = waiting.findIndex(({ database }) => database === session?.database);
    const [next] = waiting.splice(Math.max(index, 0), 1);
    if (index < 0 && session !== undefined) idle.push(session);
    next?.wake(index < 0 ? undefined : session);
  }

  /** Waits for a session of the database, or until something else has changed. */
  function wait(database?: string, signal?: AbortSignal): Promise<Session | undefined> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        database,
        wake(session) {
          signal?.removeEventListener('abort', leave);
          resolve(session);
        },
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(waiter);
    });
  }

  function takeIdle(database: string): Session | undefined {
    for (const session of idle.filter(({ usable }) => !usable)) {
      idle.splice(idle.indexOf(session), 1);
      open--;
      wake();
    }
    const index = idle.findIndex((session) => session.database === database);
    return index < 0 ? undefined : idle.splice(index, 1)[0];
  }

  /** Closes an idle connection, to another database than that of the login if there is one. */
  async function closeIdle(): Promise<void> {
    const index = idle.findIndex(({ database }) => database !== login.database);
    const [session] = idle.splice(Math.max(index, 0), 1);
    await session?.close();
    open--;
  }

  async function closeAll(): Promise<void> {
    for (const waiter of waiting.splice(0)) waiter.wake();
    while (open + opening > 0) await (idle.length > 0 ? closeIdle() : wait());
  }

  async function openOne(database: string, signal: AbortSignal): Promise<Session | undefined> {
    opening++;
    try {
      const session = await openSession(login, database, { signal, together });
      open++;
      opening--;
      return session;
    } catch (error) {
      opening--;
      wake();
      // The server has no room for one more; those that are open may do.
      if (!isServerError(error) || error.code !== TOO_MANY_CONNECTIONS || open === 0) throw error;
      fullUntil = performance.now() + FULL_MS;
      return undefined;
    }
  }

  return {
    async acquire(database, signal) {
      for (;;) {
        if (closing !== undefined || signal.aborted) {
          wake(); // whoever is next may use what this call was woken for
          throw signal.reason ?? new Error(`the connections to ${describeAddress(login.address)} are closed`);
        }
        let session = takeIdle(database);
        if (session !== undefined) return session;
        // Without a pause between looking and waiting: what is released in it would not be seen.
        if (mayOpen()) session = await openOne(database, signal);
        else if (idle.length > 0) await closeIdle();
        else session = await wait(database, signal);
        if (session !== undefined) return session;
      }
    },
    async release(session) {
      await session.settled();
      if (closing !== undefined && session.usable) await session.close();
      if (!session.usable) open--;
      wake(session.usable ? session : undefined);
    },
    close: () => (closing ??= closeAll()),
  };
}

const TOO_MANY_CONNECTIONS = '53300';
// For how long a server that has refused a connection is not asked for another.
const FULL_MS = 1_000;
