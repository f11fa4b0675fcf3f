import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { acmeWidgetSource } from '../src/index.ts';

/** A server that answers like this until the test ends. */
export async function server(answer: RequestListener) {
  const open = new Set<Socket>();
  const listening = createServer(answer).listen(0, '127.0.0.1');
  listening.on('connection', (socket) => open.add(socket.once('close', () => open.delete(socket))));
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  const { port } = listening.address() as AddressInfo;
  return { source: acmeWidgetSource, target: { url: `http://127.0.0.1:${port}` }, connections: () => open.size };
}
