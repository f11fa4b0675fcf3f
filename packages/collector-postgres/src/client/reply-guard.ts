import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import { type Meter, replyMeter } from './meter.ts';

/**
 * Returns what counts one reply; to be restarted before each query. Counts it in `together`, too.
 *
 * Closes the connection, which fails its query, when a reply gets too large, or is none that the driver understands: the driver
 * buffers and keeps as much as it is sent, and throws out of the socket's event what it does not understand.
 */
export function guardReplies({ connection }: Client, together: Meter): Meter {
  const own = replyMeter();

  const fail = (error: Error): void => void (connection.stream as Duplex).destroy(error);

  /** Whether there is room for it. */
  function count(bytes: number, rows: number): boolean {
    try {
      for (const meter of [own, together]) meter.add(bytes, rows);
      return true;
    } catch (error) {
      fail(new Error(`${(error as Error).message}; the connection is closed`));
      return false;
    }
  }

  function watch(stream: Duplex): void {
    const emit = stream.emit.bind(stream);
    stream.emit = (event: string, ...args: unknown[]): boolean => {
      if (event !== 'data') return emit(event, ...args);
      if (stream.destroyed) return false;
      if (!count((args[0] as Buffer).length, 0)) return false;
      try {
        return emit(event, ...args);
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
  connection.on('dataRow', () => count(0, 1));
  return own;
}
