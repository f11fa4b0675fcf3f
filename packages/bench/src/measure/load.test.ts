import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { load } from './load.ts';

async function counting(listener: RequestListener, use: (url: string) => Promise<void>): Promise<number> {
  let requests = 0;
  const server = createServer((req, res) => {
    requests++;
    listener(req, res);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
    return requests;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  }
}

const body = 'bench 1\n'.repeat(20_000);

it.each<[string, RequestListener]>([
  ['a length', (_, res) => void res.end(body)],
  [
    'chunks',
    (_, res) => {
      res.write(body);
      res.end(body);
    },
  ],
  ['nothing in it', (_, res) => void res.end()],
])('sends requests until its limit if responses have %s', async (_, listener) => {
  const requests = await counting(listener, async (url) => {
    expect(await load(url, { connections: 3, atMostMs: 60_000, atMostRequests: 20 })).toBeGreaterThan(0);
  });
  expect(requests).toBe(20);
});

it.each<[string, RequestListener, RegExp]>([
  ['is no 200', (_, res) => void res.writeHead(503).end('no'), /503/],
  [
    'breaks off',
    (_, res) => void res.writeHead(200, { 'content-length': 9 }).write('a', () => res.destroy()),
    /closed the connection during a response/,
  ],
])('rejects a response that %s', async (_, listener, why) => {
  await counting(listener, async (url) => {
    await expect(load(url, { connections: 1, atMostMs: 60_000, atMostRequests: 5 })).rejects.toThrow(why);
  });
});
