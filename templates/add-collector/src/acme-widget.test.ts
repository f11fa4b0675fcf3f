import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';

it('writes the metrics of the source', async () => {
  const { text } = await scrape(acmeWidgetCollector);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it('reads over HTTP, and rejects an incomplete reply', async () => {
  const good = await serve((_, response) => response.end('{"items":7}'));
  expect((await scrape(acmeWidgetCollector, { config: { source: good } })).value('acme_widget_items')).toBe(7);
  const half = await serve((_, response) => response.end('{}'));
  await expect(scrape(acmeWidgetCollector, { config: { source: half } })).rejects.toThrow(/items/);
});

it('fails if its source fails', async () => {
  const source = await serve((_, response) => response.writeHead(503).end());
  await expect(scrape(acmeWidgetCollector, { config: { source } })).rejects.toThrow(/answered 503/);
});

it('aborts a request that hangs when the scrape ends', async () => {
  let hungUp: Promise<unknown> | undefined;
  const source = await serve((request) => {
    hungUp = once(request.socket, 'close');
  });
  await expect(scrape(acmeWidgetCollector, { config: { source }, timeoutMs: 1000 })).rejects.toThrow();
  expect(hungUp).toBeDefined();
  await hungUp;
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
