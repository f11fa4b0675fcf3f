import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { gauge, type Probe, probe } from 'exporter-kit';
import { z } from 'exporter-kit/config';

// An incomplete reply is rejected as a whole: no value is better than a wrong one.
const reply = z.object({ items: z.number() });

const MOST_BYTES = 16 << 20;

/** Fetches the status of an Acme Widget by its URL: `/probe?module=acme_widget&target=http://127.0.0.1:8080/status`. */
export const acmeWidgetProbe: Probe = probe({
  name: 'acme_widget',
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items of this Acme Widget.' }),
  },
  async probe({ items }, { target, resolve, signal }) {
    const url = new URL(target);
    const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    // Targets come from requests; connect only to where `resolve` allows.
    const sent = request(url, { agent: false, signal, ...(await resolve(url)) }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${url.href} answered ${response.statusCode}`);
    items.set(reply.parse(JSON.parse(await textOf(response))).items);
  },
});

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`the response has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
