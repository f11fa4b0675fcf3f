import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** What `programs/echo-source.mjs` talks to. */
export interface EchoServer {
  readonly port: number;
  /** Connections now. */
  readonly open: ReadonlySet<Socket>;
  /** Connections since the start. */
  readonly seen: () => number;
  /** Lines received. */
  readonly lines: string[];
  /** Says nothing more. */
  hangs: boolean;
  password: string;
  /** Cuts all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts one that ends with the test. */
export async function echoServer(port = 0): Promise<EchoServer> {
  const open = new Set<Socket>();
  let seen = 0;
  const server = createServer((socket) => {
    seen++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    createInterface(socket).on('line', (line) => {
      one.lines.push(line);
      if (one.hangs) return;
      if (line.startsWith('AUTH')) socket.write(line === `AUTH ${one.password}` ? 'OK\n' : 'NO\n');
      else socket.write(`${line.length}\n`);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const one: EchoServer = {
    port: (server.address() as AddressInfo).port,
    open,
    seen: () => seen,
    lines: [],
    hangs: false,
    password: 'nobody',
    cut,
    async close() {
      cut();
      if (server.listening) await new Promise((closed) => server.close(closed));
    },
  };
  onTestFinished(() => one.close());
  return one;
}
