import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exporter, withLabels } from 'exporter-kit';
import { collectorConformance, golden, scrape } from 'exporter-kit/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acmeWidget } from './index.ts';

const recorded = readFileSync(new URL('../test/acme-widget.json', import.meta.url));

it('writes the metrics of the source', async () => {
  const source = await serve((_, response) => response.end(recorded));
  const { text } = await scrape(acmeWidget(), { config: { source } });
  golden(text, new URL('../test/acme-widget.prom', import.meta.url));
});

it.each<[what: string, answer: RequestListener, message: RegExp]>([
  ['answers with an error', (_, response) => response.writeHead(503).end(), /answered 503/],
  ['answers with half', (_, response) => response.end('{"items":{"ready":1}}'), /busy/],
  ['answers with something else', (_, response) => response.end('<html>'), /JSON/],
])('fails with a source that %s', async (_, answer, message) => {
  await expect(scrape(acmeWidget(), { config: { source: await serve(answer) } })).rejects.toThrow(message);
});

it('can be used twice in one exporter', () => {
  const both = ['eu', 'us'].map((region) => withLabels(acmeWidget({ name: `acme_widget_${region}` }), { region }));
  expect(() => exporter({ name: 'both_exporter', collectors: both })).not.toThrow();
});

describe('conformance', () => {
  /** The collector with settings, so that each test has its own source. */
  const of = (source: string) => ({ ...acmeWidget(), config: { parse: () => ({ source }) } });

  it.each(
    collectorConformance({
      good: async () => of(await serve((_, response) => response.end(recorded))),
      failing: async () => of(await serve((_, response) => response.writeHead(500).end())),
      async hanging() {
        let release = (): void => {};
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        return { collector: of(await serve((request) => request.socket.once('close', release))), released };
      },
    }),
  )('$title', ({ check }) => check());
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
