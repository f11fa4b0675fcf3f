import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { Writable } from 'node:stream';
import { exporter, serve } from 'exporter-kit';
import { scrape, sourceConformance } from 'exporter-kit/testing';
import { expect, it, onTestFinished } from 'vitest';
import { server } from '../test/server.ts';
import { acmeWidgetCollectors, acmeWidgetItems, acmeWidgetSource } from './index.ts';

const recorded = readFileSync(new URL('../test/acme-widget.json', import.meta.url));

it('asks for /status, with its token', async () => {
  let asked: unknown;
  const { target } = await server(({ url, headers: { authorization } }, response) => {
    asked = { url, authorization };
    response.end(recorded);
  });
  await scrape(acmeWidgetSource, { target: { ...target, token: 'swordfish' } });
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
  await expect(scrape(acmeWidgetItems, { target })).rejects.toThrow(reason);
});

it('is one of several in an exporter', async () => {
  const { target } = await server((_, response) => response.end(recorded));
  const targets = { eu: target, us: { url: 'http://127.0.0.1:1' } };
  const { url, close } = await serve(exporter({ name: 'both_exporter', collectors: acmeWidgetCollectors }), {
    sources: { acme_widget: { targets } },
  });
  onTestFinished(() => close());
  const text = await (await fetch(new URL('metrics', url))).text();
  expect(text).toContain('acme_widget_up{target="eu"} 1\nacme_widget_up{target="us"} 0\n');
  expect(text).toContain('acme_widget_handled_total{target="eu"} 48213\n');
});

it.each(
  sourceConformance({
    good: () => server((_, response) => response.end(recorded)),
    failing: () => ({ source: acmeWidgetSource, target: { url: 'http://127.0.0.1:1' } }),
    // It begins to answer, and never ends.
    hanging: () => server((_, response) => response.write('{')),
  }),
)('$title', ({ check }) => check());

function pour(response: Writable): void {
  while (response.write('x'.repeat(65_536))) {}
  response.once('drain', () => pour(response));
}
