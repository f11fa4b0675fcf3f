import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { golden, lint, probed } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { acmeWidgetProbe } from './acme-widget.ts';

it('writes the metrics of the target', async () => {
  const { success, text } = await probed(acmeWidgetProbe, await serve((_, response) => response.end('{"items":12}')));
  expect(success).toBe(true);
  expect(lint(text)).toEqual([]);
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it('fails if its target fails', async () => {
  const broken = await serve((_, response) => response.writeHead(503).end());
  expect(await probed(acmeWidgetProbe, broken)).toMatchObject({ success: false });
  const half = await serve((_, response) => response.end('{}'));
  expect(await probed(acmeWidgetProbe, half)).toMatchObject({ success: false });
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
