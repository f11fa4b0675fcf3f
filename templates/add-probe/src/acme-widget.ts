import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { gauge, type Probe, probe } from 'exporter-kit';
import { z } from 'exporter-kit/config';

// A reply that lacks something is refused as a whole: no number is better than a wrong one.
const reply = z.object({ items: z.number() });

/** Asks a target of Acme Widget, by its URL: `/probe?module=acme_widget&target=http://127.0.0.1:8080/status`. */
export const acmeWidgetProbe: Probe = probe({
  name: 'acme_widget',
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items that this Acme Widget has.' }),
  },
  async probe({ items }, { target, resolve, signal }) {
    const url = new URL(target);
    const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
    // Targets come from whoever may ask; it goes only where `resolve` leads.
    const asked = request(url, { agent: false, signal, ...(await resolve(url)) }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${url.href} answered ${response.statusCode}`);
    items.set(reply.parse(await json(response)).items);
  },
});
