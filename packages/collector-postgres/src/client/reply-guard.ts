import type { Duplex } from 'node:stream';
import type { Client } from 'pg';

// Of 100,000 tables, the statistics are 30 MB.
const MOST_BYTES = 32 << 20;
const MOST_ROWS = 1_000_000;

/** Watches what a server sends. */
export interface ReplyGuard {
  /** To be called before a query: what comes from now on belongs to its reply. */
  restart(): void;
}

/**
 * Closes the connection, which fails its query, when a reply gets too large, or is none that the driver understands: the driver
 * buffers and keeps as much as it is sent, and throws out of the socket's event what it does not understand.
 */
export function guardReplies({ connection }: Client): ReplyGuard {
  let [bytes, rows] = [0, 0];

  const fail = (error: Error): void => void (connection.stream as Duplex).destroy(error);
  const tooLarge = (what: string): void => fail(new Error(`a reply has more than ${what}; the connection is closed`));

  function watch(stream: Duplex): void {
    const emit = stream.emit.bind(stream);
    stream.emit = (event: string, ...args: unknown[]): boolean => {
      if (event !== 'data') return emit(event, ...args);
      if (stream.destroyed) return false;
      bytes += (args[0] as Buffer).length;
      try {
        if (bytes <= MOST_BYTES) return emit(event, ...args);
        tooLarge('32 MiB');
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        fail(new Error(`the server does not speak the PostgreSQL protocol: ${why}`, { cause: error }));
      }
      return false;
    };
  }

  watch(connection.stream as Duplex);
  // The stream is another one then.
  connection.on('sslconnect', () => watch(connection.stream as Duplex));
  connection.on('dataRow', () => {
    if (++rows === MOST_ROWS + 1) tooLarge(`${MOST_ROWS.toLocaleString('en')} rows`);
  });
  return {
    restart() {
      bytes = rows = 0;
    },
  };
}
