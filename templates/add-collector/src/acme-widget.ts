import { readFile } from 'node:fs/promises';
import { type Collector, collector, gauge } from 'exporter-kit';
import { z } from 'exporter-kit/config';

/** A recorded reply, so that it runs without any setup. */
const sample = new URL('../sample/acme-widget.json', import.meta.url).href;

// An incomplete reply is rejected as a whole: no value is better than a wrong one.
const reply = z.object({ items: z.number() });

/** Reads Acme Widget at each scrape. */
export const acmeWidgetCollector: Collector = collector({
  name: 'acme_widget',
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items of Acme Widget.' }),
  },
  // Each key is a flag (--collector.acme_widget.source) and an environment variable.
  config: z.object({
    source: z
      .url({ protocol: /^(https?|file)$/ })
      .default(sample)
      .describe('URL of the JSON reply (http, https or file). Default: a sample.'),
  }),
  async collect({ items }, { config: { source }, signal }) {
    items.set(reply.parse(await read(new URL(source), signal)).items);
  },
});

async function read(source: URL, signal: AbortSignal): Promise<unknown> {
  if (source.protocol === 'file:') return JSON.parse(await readFile(source, { encoding: 'utf8', signal }));
  const response = await fetch(source, { signal });
  if (!response.ok) throw new Error(`${source.href} answered ${response.status} ${response.statusText}`);
  return response.json();
}
