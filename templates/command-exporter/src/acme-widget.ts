import { above, type Collector, collector, counter, gauge } from 'exporter-kit';
import { outputOf } from './command.ts';
import { parseStatus } from './status.ts';

const states = ['ready', 'busy', 'failed'] as const;

/**
 * Runs a program at each scrape and reads its output.
 *
 * @param command the program and its arguments.
 */
export const acmeWidgetCollector = (command: readonly string[]): Collector =>
  collector({
    name: 'acme_widget',
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
    async collect({ items, handled, oldest }, { signal }) {
      const status = parseStatus(await outputOf(command, signal));
      for (const state of states) items.set({ state }, status[state]);
      handled.set(status.handled);
      oldest.set(status.oldest_seconds);
    },
  });
