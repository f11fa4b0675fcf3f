import { once } from 'node:events';
import type { Socket } from 'node:net';

// Of a line.
const MOST_BYTES = 64 * 1024;

/** Reads what a connection receives, on demand. */
export interface Received {
  /** The next line, without its line end; `undefined` at the end of the connection. */
  line(): Promise<string | undefined>;
  /** The next `count` bytes, or fewer at the end of the connection. */
  bytes(count: number): Promise<Buffer>;
}

/** Its functions throw if the connection breaks, the signal aborts, or a line is longer than {@link MOST_BYTES}. */
export function receive(socket: Socket, signal: AbortSignal): Received {
  let held = Buffer.alloc(0);

  /** Waits for more bytes; false at the end of the connection. */
  async function more(): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      const part = socket.read() as Buffer | null;
      if (part !== null) {
        held = Buffer.concat([held, part]);
        return true;
      }
      if (socket.errored) throw socket.errored;
      if (socket.readableEnded || socket.destroyed) return false;
      const over = new AbortController();
      const either = { signal: AbortSignal.any([signal, over.signal]) };
      try {
        // `once` rejects on an error.
        await Promise.race([
          once(socket, 'readable', either),
          once(socket, 'end', either),
          once(socket, 'close', either),
        ]);
      } finally {
        over.abort();
      }
    }
  }

  return {
    async line() {
      for (;;) {
        const end = held.indexOf(10);
        if (end >= 0) {
          const line = held.subarray(0, end).toString().replace(/\r$/, '');
          held = held.subarray(end + 1);
          return line;
        }
        if (held.length > MOST_BYTES) throw new Error(`a line has more than ${MOST_BYTES} bytes`);
        if (await more()) continue;
        const rest = held.toString();
        held = Buffer.alloc(0);
        return rest === '' ? undefined : rest;
      }
    },
    async bytes(count) {
      while (held.length < count && (await more()));
      const found = held.subarray(0, count);
      held = held.subarray(count);
      return found;
    },
  };
}
