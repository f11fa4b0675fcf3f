import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, scrape, sourceConformance } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetCollector, acmeWidgetSource } from './acme-widget.ts';

it('writes the metrics of the source', async () => {
  const { text } = await scrape(acmeWidgetCollector);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it('reads over HTTP', async () => {
  const { target } = await server((_, response) => response.end('{"items":7}'));
  expect((await scrape(acmeWidgetSource, { target })).value('acme_widget_up')).toBe(1);
  expect((await scrape(acmeWidgetCollector, { target })).value('acme_widget_items')).toBe(7);
});

it.each<[what: string, answer: RequestListener, reason: RegExp]>([
  ['answers with an error', (_, response) => response.writeHead(503).end(), /answered 503/],
  ['answers with half', (_, response) => response.end('{}'), /items/],
])('is down if the server %s', async (_, answer, reason) => {
  const { target } = await server(answer);
  expect((await scrape(acmeWidgetSource, { target })).value('acme_widget_up')).toBe(0);
  await expect(scrape(acmeWidgetCollector, { target })).rejects.toThrow(reason);
});

it.each(
  sourceConformance({
    good: () => server((_, response) => response.end('{"items":7}')),
    failing: () => ({ source: acmeWidgetSource, target: { url: 'http://127.0.0.1:1' } }),
    // It begins to answer, and never ends.
    hanging: () => server((_, response) => response.write('{')),
  }),
)('$title', ({ check }) => check());

async function server(answer: RequestListener) {
  const listening = createServer(answer).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  const { port } = listening.address() as AddressInfo;
  return { source: acmeWidgetSource, target: { url: `http://127.0.0.1:${port}/` } };
}
