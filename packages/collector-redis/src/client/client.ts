/** A reply of the server, as RESP 2 has them. */
export type Reply = string | number | null | readonly Reply[];

/** How a command is sent. */
export interface CommandOptions {
  /** Rejects when it aborts. The server may execute the command all the same. */
  readonly signal?: AbortSignal;
  /** Where it is executed; default: wherever, for commands that no database concerns. */
  readonly database?: number;
  /** Whether a scrape begins with it: replies from here on may have 128 MiB together. */
  readonly beginsScrape?: boolean;
  /**
   * Whether it is asked in each scrape: it is then sent along with the command that begins the next one. Not with `database`,
   * and nothing large.
   */
  readonly everyScrape?: boolean;
}

/** A connection to a server. */
export interface RedisClient {
  /** How long connecting took, credentials included. */
  readonly connectSeconds: number;
  /** The database of its address. */
  readonly database: number;
  /**
   * Sends a command. Commands are sent at once and in order, whatever others wait for.
   *
   * @throws Error for an error reply, with the server's words, and when the connection ends.
   */
  command(words: readonly string[], options?: CommandOptions): Promise<Reply>;
  /** Ends the connection; pending commands reject. */
  close(): void;
}

/** Sends one command over a connection. */
export type Send = (words: readonly string[]) => Promise<Reply>;

/**
 * Returns what sends commands to any database over one connection. A connection has one database at a time: SELECT goes
 * right before the command that needs another, so that several collectors can share it.
 */
export function commander(send: Send, initial: number): RedisClient['command'] {
  // Where it is after the last reply, and where it will be after what was sent.
  let [actual, current] = [initial, initial];
  let selected: Promise<void> | undefined;

  function select(database: number): void {
    current = database;
    const mine = send(['SELECT', String(database)]).then(
      () => {
        actual = database;
      },
      (error: unknown) => {
        if (selected === mine) [current, selected] = [actual, undefined];
        // One that failed before may have left it where it was.
        if (actual !== database) throw error;
      },
    );
    selected = mine;
    mine.catch(() => {}); // the command that needs it rejects with it
  }

  return async (words, { signal, database } = {}) => {
    signal?.throwIfAborted();
    if (database !== undefined && database !== current) select(database);
    const reply = send(words);
    reply.catch(() => {}); // unhandled otherwise, if SELECT failed
    // What was executed in another database answers nothing.
    const answer = database === undefined ? reply : Promise.all([reply, selected]).then(([own]) => own);
    return signal === undefined ? await answer : await untilAborted(answer, signal);
  };
}

/** @throws the signal's reason when it aborts first. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
