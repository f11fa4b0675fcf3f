import { type Collector, collector, counter, gauge } from 'exporter-kit';
import { fetchReply } from './reply.ts';

const states = ['ready', 'busy', 'failed'] as const;

/** Reads the source at each scrape. */
export const acmeWidgetCollector = (source: URL): Collector =>
  collector({
    name: 'acme_widget',
    metrics: {
      items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
      handled: counter({ name: 'acme_widget_handled_total', help: 'Items handled since the source started.' }),
      oldest: gauge({
        name: 'acme_widget_oldest_item_age_seconds',
        help: 'Age of the oldest waiting item.',
        unit: 'seconds',
      }),
    },
    async collect({ items, handled, oldest }, { signal }) {
      const reply = await fetchReply(source, signal);
      for (const state of states) items.set({ state }, reply.items[state]);
      handled.set(reply.handled);
      oldest.set(reply.oldestSeconds);
    },
  });
