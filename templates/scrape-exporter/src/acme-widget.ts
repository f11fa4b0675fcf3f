import { above, collector, counter, gauge } from 'exporter-kit';
import { acmeWidgetSource } from './source.ts';

const states = ['ready', 'busy', 'failed'] as const;

/** Runs for each target that is up, on what it answered. */
export const acmeWidgetCollector = collector({
  name: 'acme_widget',
  source: acmeWidgetSource,
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
    handled: counter({ name: 'acme_widget_handled_total', help: 'Items handled since the source started.' }),
    oldest: gauge({
      name: 'acme_widget_oldest_item_age_seconds',
      help: 'Age of the oldest waiting item.',
      unit: 'seconds',
      alert: { when: above(3_600), for: '10m', summary: 'An item has waited for more than an hour.' },
    }),
  },
  collect({ items, handled, oldest }, { reading: reply }) {
    for (const state of states) items.set({ state }, reply.items[state]);
    handled.set(reply.handled);
    oldest.set(reply.oldestSeconds);
  },
});
