import { connect, type Socket } from 'node:net';

/** Limits of the load; both apply. */
export interface Limits {
  readonly atMostMs: number;
  readonly atMostRequests: number;
}

/** Keep-alive connections that send requests when told to. */
export interface Loader {
  /**
   * Sends each request as soon as the last response on its connection is complete.
   *
   * @returns responses per second
   * @throws Error if a response is not a 200, has neither length nor chunks, or does not arrive
   */
  run(limits: Limits): Promise<number>;
  close(): void;
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** As {@link Loader.run}, on connections of its own. */
export async function load(
  url: string,
  { connections, ...limits }: Limits & { readonly connections: number },
): Promise<number> {
  const one = loader(url, connections);
  try {
    return await one.run(limits);
  } finally {
    one.close();
  }
}

/** Opens connections. Bare sockets, as node:http's client costs more than the servers it measures. */
export function loader(url: string, connections: number): Loader {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  const all = Array.from({ length: connections }, () => converse(connect(Number(port), hostname), request, url));
  return {
    async run({ atMostMs, atMostRequests }) {
      const from = performance.now();
      let sent = 0;
      const another = (): boolean => sent < atMostRequests && performance.now() - from <= atMostMs && ++sent > 0;
      await Promise.all(all.map((one) => one.ask(another)));
      return (sent * 1000) / (performance.now() - from);
    },
    close() {
      for (const one of all) one.close();
    },
  };
}

interface Conversation {
  /** Sends requests, one after the other, while there is `another`. */
  ask(another: () => boolean): Promise<void>;
  close(): void;
}

function converse(socket: Socket, request: Uint8Array, url: string): Conversation {
  let left = 0; // of the current response; infinite if it is chunked
  let next = (): void => {};
  let failed = (_error: Error): void => {};
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    failed(failure);
  };
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    try {
      if (left === 0) left = sizeOf(chunk);
      left = Number.isFinite(left) ? left - chunk.length : endsChunks(chunk) ? 0 : left;
    } catch (error) {
      socket.destroy(error as Error);
      return;
    }
    if (left <= 0) next();
  });
  socket.on('timeout', () => socket.destroy(new Error(`${url} stopped answering`)));
  socket.on('error', fail);
  socket.on('close', () => fail(new Error(`${url} closed the connection during a response, or before one`)));
  return {
    ask: (another) =>
      new Promise((resolve, reject) => {
        failed = reject;
        if (failure !== undefined) return reject(failure);
        // Idle connections may be silent for as long as they like.
        socket.setTimeout(10_000);
        next = () => {
          if (another()) socket.write(request);
          else {
            socket.setTimeout(0);
            resolve();
          }
        };
        next();
      }),
    close: () => socket.destroy(),
  };
}

/** Length of the response that begins with this chunk, head and body; infinite if it is chunked. */
function sizeOf(chunk: Buffer): number {
  const end = chunk.indexOf('\r\n\r\n');
  const head = chunk.toString('latin1', 0, end + 2);
  if (head.startsWith('HTTP/1.1 200 ')) {
    const length = /\r\ncontent-length: *(\d+)\r/i.exec(head)?.[1];
    if (length !== undefined) return end + 4 + Number(length);
    if (/\r\ntransfer-encoding: *chunked\r/i.test(head)) return Number.POSITIVE_INFINITY;
  }
  throw new Error(`not a 200 with a length: ${head.split('\r\n').join(' | ')}`);
}

/** The text format has no \r, so this is where the last chunk ends. */
function endsChunks(chunk: Buffer): boolean {
  return chunk.subarray(-5).equals(LAST_CHUNK);
}
