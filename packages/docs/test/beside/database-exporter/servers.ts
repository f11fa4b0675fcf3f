import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export const postgresServer = async () => ({ target: { addr: process.env.TEST_POSTGRES! } });

export async function muteServer() {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket
      .resume()
      .on('error', () => {})
      .on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return {
    target: { addr: `127.0.0.1:${(server.address() as AddressInfo).port}` },
    connections: () => open.size,
  };
}
