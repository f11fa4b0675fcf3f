import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export async function startServer(
  says: (line: string) => string | undefined,
): Promise<{ addr: string; connections(): number }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    createInterface(socket).on('line', (line) => {
      const answer = says(line);
      if (answer !== undefined) socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return { addr: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => open.size };
}
