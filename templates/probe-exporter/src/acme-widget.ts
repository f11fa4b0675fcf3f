import { json } from 'node:stream/consumers';
import { gauge, type Probe, probe } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { ask } from './ask.ts';

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
    max_failed: z.number().int().min(0).optional().describe('Fails when more items have failed.'),
  }),
  metrics: {
    status: gauge({ name: 'acme_widget_http_status_code', help: 'Status of the answer.' }),
    items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
  },
  async probe({ status, items }, { target, config, resolve, signal, log }) {
    const answer = await ask(new URL(target), { resolve, signal });
    log.debug({ status: answer.status }, 'answered');
    // What is written before a failure is kept.
    status.set(answer.status);
    if (answer.status !== 200) throw new Error(`the status is ${answer.status}`);
    const { items: found } = reply.parse(await json(answer.body));
    for (const state of states) items.set({ state }, found[state]);
    if (found.failed > (config.max_failed ?? Infinity)) throw new Error(`failed items: ${found.failed}`);
  },
});
