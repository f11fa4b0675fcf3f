import { connect } from 'node:net';

/** Limits of the load; both apply. */
export interface Load {
  readonly connections: number;
  readonly atMostMs: number;
  readonly atMostRequests: number;
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * Sends each request as soon as the last response is complete, on several keep-alive connections. Bare sockets, as
 * node:http's client costs more than the servers it measures.
 *
 * @returns responses per second
 * @throws Error if a response is not a 200, has neither length nor chunks, or does not arrive
 */
export async function load(url: string, { connections, atMostMs, atMostRequests }: Load): Promise<number> {
  const { hostname, port, pathname } = new URL(url);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  const from = performance.now();
  let sent = 0;
  let answered = 0;

  /** Sends requests on one connection. */
  function converse(): Promise<void> {
    const socket = connect(Number(port), hostname).setNoDelay(true);
    let left = 0; // of the current response; infinite if it is chunked
    const ask = (): void => {
      if (sent >= atMostRequests || performance.now() - from > atMostMs) {
        socket.end();
      } else {
        sent++;
        socket.write(request);
      }
    };
    return new Promise((resolve, reject) => {
      socket.on('connect', ask);
      socket.on('data', (chunk) => {
        try {
          if (left === 0) left = sizeOf(chunk);
          left = Number.isFinite(left) ? left - chunk.length : endsChunks(chunk) ? 0 : left;
        } catch (error) {
          socket.destroy(error as Error);
          return;
        }
        if (left > 0) return;
        answered++;
        ask();
      });
      socket.setTimeout(10_000, () => socket.destroy(new Error(`${url} stopped answering`)));
      socket.on('error', reject);
      socket.on('close', () =>
        left > 0 ? reject(new Error(`${url} closed the connection during a response`)) : resolve(),
      );
    });
  }

  await Promise.all(Array.from({ length: connections }, converse));
  return (answered * 1000) / (performance.now() - from);
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
