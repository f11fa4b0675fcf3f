import { createServer, type Server } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { answersAt, startListening } from './server.ts';

const serve = `
const [host, port] = process.argv[1].split(':');
require('node:http').createServer((_, response) => response.end('ours')).listen(port, host);
`;

it.skipIf(process.platform !== 'linux')('takes nobody else for the server, and another port instead', async () => {
  const others: Server[] = [];
  onTestFinished(() => others.forEach((other) => void other.close().closeAllConnections()));
  const tried: string[] = [];
  const server = await startListening({
    command: process.execPath,
    isReady: (address) => answersAt(`http://${address}/`),
    flags(address) {
      tried.push(address);
      const [host, port] = address.split(':');
      if (others.length === 0)
        others.push(createServer((_, response) => response.end('theirs')).listen(Number(port), host));
      return ['-e', serve, address];
    },
  });
  onTestFinished(() => server.stop());
  expect(await (await fetch(server.url)).text()).toBe('ours');
  expect(tried).toEqual([expect.any(String), server.address]);
});

it('reports the output of a server that exits', async () => {
  const started = startListening({
    command: process.execPath,
    isReady: (address) => answersAt(`http://${address}/`),
    flags: () => ['-e', 'throw new Error("no such flag")'],
  });
  await expect(started).rejects.toThrow(/ended:[\s\S]*no such flag/);
});
