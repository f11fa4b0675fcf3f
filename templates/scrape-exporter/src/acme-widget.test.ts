import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, scrape } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';

const sample = new URL('../sample/acme-widget.json', import.meta.url);

it('writes the metrics of the source', async () => {
  const { text, value } = await scrape(acmeWidgetCollector(sample));
  expect(value('acme_widget_items', { state: 'ready' })).toBe(12);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it('reads over HTTP', async () => {
  const source = await serve((_, response) => response.end(reply({ handled: 7 })));
  const { value } = await scrape(acmeWidgetCollector(source));
  expect(value('acme_widget_handled_total')).toBe(7);
});

it('fails if its source fails', async () => {
  const source = await serve((_, response) => response.writeHead(503).end());
  await expect(scrape(acmeWidgetCollector(source))).rejects.toThrow(/answered 503/);
});

it('rejects an incomplete reply', async () => {
  const source = await serve((_, response) => response.end(reply({ items: { ready: 1 } })));
  await expect(scrape(acmeWidgetCollector(source))).rejects.toThrow(/busy/);
});

it('aborts a request that hangs when the scrape ends', async () => {
  let hungUp: Promise<unknown> | undefined;
  const source = await serve((request) => {
    hungUp = once(request.socket, 'close');
  });
  await expect(scrape(acmeWidgetCollector(source), { timeoutMs: 1000 })).rejects.toThrow();
  expect(hungUp).toBeDefined();
  await hungUp;
});

const reply = (part: object): string =>
  JSON.stringify({ items: { ready: 0, busy: 0, failed: 0 }, handled: 0, oldestSeconds: 0, ...part });

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
