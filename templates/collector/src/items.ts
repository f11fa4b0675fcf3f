import { above, collector, gauge } from 'exporter-kit';
import { acmeWidgetSource } from './source.ts';

const states = ['ready', 'busy', 'failed'] as const;

/** Items that wait or are being handled. */
export const acmeWidgetItems = collector({
  name: 'acme_widget_items',
  source: acmeWidgetSource,
  metrics: {
    items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
    oldest: gauge({
      name: 'acme_widget_oldest_item_age_seconds',
      help: 'Age of the oldest waiting item.',
      unit: 'seconds',
      alert: { when: above(3_600), for: '10m', summary: 'An item has waited for more than an hour.' },
    }),
  },
  collect({ items, oldest }, { reading: reply }) {
    for (const state of states) items.set({ state }, reply.items[state]);
    oldest.set(reply.oldestSeconds);
  },
});
