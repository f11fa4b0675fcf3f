import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts the broker that the exporters of the page about Go read, until the test ends. */
export async function startBroker(): Promise<string> {
  const queues = [
    { name: 'mail', depth: 3, processed: 1042 },
    { name: 'quo"ted', depth: 0, processed: 7.5e9 },
  ];
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/queues' ? 200 : 404).end(JSON.stringify(queues));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Lines of an exposition about the broker itself, without what the kit adds; Go writes large numbers in another way. */
export const aboutBroker = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^(# (HELP|TYPE) )?broker_(up|queue_)/.test(line))
    .map((line) => line.replace(/(?<=^broker_.* )\S+$/, (value) => String(Number(value))))
    .sort();
