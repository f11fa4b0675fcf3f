import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that answers lines until the test is over. */
export interface LineServer {
  readonly port: number;
  /** `127.0.0.1:port` */
  readonly target: string;
  readonly seen: { connections: number; readonly lines: string[] };
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** @param answers gives the answer to a line; `undefined` for none. */
export async function lineServer(
  answers: (line: string) => string | undefined = (line) => `OK ${line}`,
): Promise<LineServer> {
  const sockets = new Set<Socket>();
  const seen = { connections: 0, lines: [] as string[] };
  const server: Server = createServer((socket) => {
    seen.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        seen.lines.push(line);
        const answer = answers(line);
        if (answer !== undefined) socket.write(`${answer}\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { port: number };
  return { port, seen, sockets, target: `127.0.0.1:${port}` };
}
