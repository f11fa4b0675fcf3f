import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connect } from './connect.ts';

it('leaves deadlines to who waits: the driver sets no timer for a command', async () => {
  const server = createServer((socket) => socket.on('data', () => socket.write('+OK\r\n'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const timeouts = vi.spyOn(AbortSignal, 'timeout');
  const { port } = server.address() as AddressInfo;
  const client = await connect(
    { host: '127.0.0.1', port, tls: false, database: 0 },
    {
      tls: { skipVerify: false },
      signal: new AbortController().signal,
      resolve: async () => ({
        addresses: [{ address: '127.0.0.1', family: 4 }],
        lookup: undefined as never,
        lookupMs: 0,
      }),
    },
  );
  onTestFinished(() => {
    client.close();
    server.close();
  });
  expect(await client.command(['PING'])).toBe('OK');
  expect(timeouts).not.toHaveBeenCalled();
});
