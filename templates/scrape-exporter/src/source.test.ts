import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { scrape, sourceConformance } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';
import { acmeWidgetSource } from './source.ts';

const sample = readFileSync(new URL('../sample/acme-widget.json', import.meta.url));

it('asks for /status, with its token', async () => {
  let asked: unknown;
  const { target } = await server(({ url, headers: { authorization } }, response) => {
    asked = { url, authorization };
    response.end(sample);
  });
  const { value } = await scrape(acmeWidgetCollector, { target: { ...target, token: 'swordfish' } });
  expect(value('acme_widget_items', { state: 'ready' })).toBe(12);
  expect(asked).toEqual({ url: '/status', authorization: 'Bearer swordfish' });
});

it.each<[what: string, answer: RequestListener, reason: RegExp]>([
  ['answers with an error', (_, response) => response.writeHead(503).end(), /answered 503/],
  ['rejects the token', (_, response) => response.writeHead(401).end(), /answered 401/],
  ['answers with half', (_, response) => response.end('{"items":{"ready":1}}'), /busy/],
  ['answers with something else', (_, response) => response.end('<html>'), /JSON/],
  ['never stops answering', (_, response) => pour(response), /more than 16777216 bytes/],
])('is down if the server %s', async (_, answer, reason) => {
  const { target } = await server(answer);
  expect((await scrape(acmeWidgetSource, { target })).value('acme_widget_up')).toBe(0);
  await expect(scrape(acmeWidgetCollector, { target })).rejects.toThrow(reason);
});

it.each(
  sourceConformance({
    good: () => server((_, response) => response.end(sample)),
    failing: () => ({ source: acmeWidgetSource, target: { url: 'http://127.0.0.1:1' } }),
    // It begins to answer, and never ends.
    hanging: () => server((_, response) => response.write('{')),
  }),
)('$title', ({ check }) => check());

async function server(answer: RequestListener) {
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

function pour(response: Writable): void {
  while (response.write('x'.repeat(65_536))) {}
  response.once('drain', () => pour(response));
}
