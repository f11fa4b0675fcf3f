import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ask } from '../ask.ts';
import { credentials } from '../files.ts';
import { again, type Load } from './load.ts';

/** Probes of local targets: one that answers, one that is silent, a closed port, and denied targets. */
export const probes: Load = async (field) => {
  const greeting = await target((socket) => void socket.end('hello\n'));
  const silent = await target(() => {});
  const shut = await target(() => {});
  const [portOfShut] = [portOf(shut.server)];
  await shut.close();
  const cases = [
    { what: 'greets', query: `target=127.0.0.1:${portOf(greeting.server)}`, status: 200, success: 1 },
    { what: 'is shut', query: `target=127.0.0.1:${portOfShut}`, status: 200, success: 0 },
    { what: 'is silent', query: `target=127.0.0.1:${portOf(silent.server)}`, status: 200, success: 0 },
    { what: 'is forbidden', query: 'target=127.0.0.2:80', status: 403 },
    { what: 'is not named', query: '', status: 400 },
    { what: 'is named twice', query: 'target=127.0.0.1:1&target=127.0.0.1:2', status: 400 },
  ];
  await again(field, 'probe', 150, async (round) => {
    const { what, query, status, success } = cases[round % cases.length]!;
    // Only the silent one takes all of it.
    const headers = { ...credentials.usual, 'x-prometheus-scrape-timeout-seconds': what === 'is silent' ? '1' : '20' };
    const answer = await ask(`${field.url}probe?${query}`, { headers });
    const text = answer.body.toString();
    const told = success === undefined || text.includes(`\nprobe_success ${success}\n`);
    if (answer.status === status && told) field.tally.count(`probe of what ${what}: ${status}`);
    else field.tally.unexpected(`probe of what ${what}`, `${answer.status} ${text}`);
  });
  await Promise.all([greeting.close(), silent.close()]);
};

async function target(greet: (socket: Socket) => void): Promise<{ server: Server; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.resume();
    greet(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
