import { gauge, type Probe, probe } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { httpGet } from './http-get.ts';

const states = ['ready', 'busy', 'failed'] as const;

// An incomplete reply is rejected as a whole: no value is better than a wrong one.
const reply = z.object({
  items: z.object({ ready: z.number(), busy: z.number(), failed: z.number() }),
});

/** Fetches a target's status and checks it. */
export const acmeWidgetProbe: Probe = probe({
  name: 'acme_widget',
  // A module's settings.
  config: z.strictObject({
    max_failed: z.number().int().min(0).optional().describe('Maximum number of failed items.'),
  }),
  metrics: {
    status: gauge({ name: 'acme_widget_http_status_code', help: 'HTTP status of the response.' }),
    items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
  },
  async probe({ status, items }, { target, config, resolve, signal, log }) {
    const response = await httpGet(new URL(target), { resolve, signal });
    log.debug({ status: response.status }, 'received response');
    // What is written before a failure is kept.
    status.set(response.status);
    if (response.status !== 200) throw new Error(`the status is ${response.status}`);
    const { items: found } = reply.parse(await response.json());
    for (const state of states) items.set({ state }, found[state]);
    if (found.failed > (config.max_failed ?? Infinity)) throw new Error(`failed items: ${found.failed}`);
  },
});
