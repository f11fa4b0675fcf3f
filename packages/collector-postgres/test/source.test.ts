import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sourceConformance } from 'exporter-kit/testing';
import { needPeers } from 'test-servers';
import { describe, it, onTestFinished } from 'vitest';
import { postgres } from '../src/index.ts';
import { server } from './real.ts';

/** A server that accepts and says nothing. */
async function mute() {
  const open = new Set<Socket>();
  const silent = createServer((socket) => {
    open.add(socket);
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => open.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  return { port: (silent.address() as AddressInfo).port, connections: () => open.size };
}

describe.skipIf(!needPeers('postgres'))('with a real server', () => {
  it.each(
    sourceConformance({
      good: async () => ({ source: postgres, target: { url: (await server()).url, sslmode: 'disable' } }),
      failing: () => ({ source: postgres, target: { url: 'postgres://127.0.0.1:1' } }),
      hanging: async () => {
        const { port, connections } = await mute();
        return { source: postgres, target: { url: `postgres://127.0.0.1:${port}` }, connections };
      },
    }),
  )('$title', ({ check }) => check());
});
