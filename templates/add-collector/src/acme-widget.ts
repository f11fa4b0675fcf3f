import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { collector, gauge, type Resolve, source } from 'exporter-kit';
import { z } from 'exporter-kit/config';

const MOST_BYTES = 16 << 20;

/** A recorded reply, so that it runs without a server. */
const sample = new URL('../sample/acme-widget.json', import.meta.url);

// An incomplete reply is rejected as a whole: no value is better than a wrong one.
const reply = z.object({ items: z.number() });

/** A server of Acme Widget, which is asked once at each scrape. */
export const acmeWidgetSource = source({
  name: 'acme_widget',
  up: gauge({ name: 'acme_widget_up', help: 'Whether Acme Widget answered in this scrape.' }),
  // Each key is a flag and an environment variable of each target; --help shows its description.
  config: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('URL of the JSON reply. Default: a sample.'),
  }),
  target: 'url',
  async read({ config: { url }, resolve, signal }) {
    const text = url === undefined ? await readFile(sample, 'utf8') : await fetchText(new URL(url), resolve, signal);
    return reply.parse(JSON.parse(text));
  },
});

/** Items of Acme Widget. */
export const acmeWidgetCollector = collector({
  name: 'acme_widget',
  source: acmeWidgetSource,
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items of Acme Widget.' }),
  },
  collect({ items }, { reading }) {
    items.set(reading.items);
  },
});

async function fetchText(url: URL, resolve: Resolve, signal: AbortSignal): Promise<string> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  // The target of a probe comes from the request, so connect only to what `resolve` returns.
  const { lookup } = await resolve(url);
  const sent = request(url, { agent: false, lookup, signal }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`${url.host} answered ${response.statusCode}`);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the reply has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
