import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';

/** Answers every question with an SOA record; `address` is `host:port`. */
export async function startDns(): Promise<{ readonly address: string; stop(): void }> {
  const socket = createSocket('udp4');
  const data = { mname: 'ns.example', rname: 'root.example', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 1 };
  socket.on('message', (message, { port, address }) => {
    const { id, questions = [] } = dnsPacket.decode(message);
    const name = questions[0]?.name ?? '.';
    const reply = dnsPacket.encode({
      type: 'response',
      id: id ?? 0,
      questions,
      answers: [{ type: 'SOA', name, ttl: 1, data }],
    });
    socket.send(reply, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { address: `127.0.0.1:${socket.address().port}`, stop: () => void socket.close() };
}
