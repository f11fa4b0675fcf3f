import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, probed } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetProbe } from './acme-widget.ts';

const sample = readFileSync(new URL('../sample/acme-widget.json', import.meta.url));

it('writes the metrics of the target', async () => {
  const target = await serve((_, response) => response.end(sample));
  const { success, text, value } = await probed(acmeWidgetProbe, target);
  expect(success).toBe(true);
  expect(value('acme_widget_items', { state: 'ready' })).toBe(12);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it('fails by the rules of its module, and keeps what it wrote', async () => {
  const target = await serve((_, response) => response.end(sample));
  const { success, reason, value } = await probed(acmeWidgetProbe, target, { config: { max_failed: 0 } });
  expect({ success, reason }).toEqual({ success: false, reason: 'failed items: 1' });
  expect(value('acme_widget_items', { state: 'failed' })).toBe(1);
});

it('fails if its target fails', async () => {
  const broken = await probed(acmeWidgetProbe, await serve((_, response) => response.writeHead(503).end()));
  expect(broken.success).toBe(false);
  expect(broken.value('acme_widget_http_status_code')).toBe(503);
  const half = await probed(acmeWidgetProbe, await serve((_, response) => response.end('{"items":{"ready":1}}')));
  expect(half).toMatchObject({ success: false, reason: expect.stringContaining('busy') });
});

it('connects only to allowed targets', async () => {
  let connections = 0;
  const target = await serve((_, response) => {
    connections++;
    response.end(sample);
  });
  const { success, reason } = await probed(acmeWidgetProbe, target, { guard: { deny: ['127.0.0.0/8'] } });
  expect({ success, reason, connections }).toEqual({ success: false, reason: expect.any(String), connections: 0 });
});

it('aborts a request that hangs when the probe ends', async () => {
  let hungUp: Promise<unknown> | undefined;
  const target = await serve((request) => {
    hungUp = once(request.socket, 'close');
  });
  expect((await probed(acmeWidgetProbe, target, { timeoutMs: 1000 })).success).toBe(false);
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
