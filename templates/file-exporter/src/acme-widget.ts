import { above, type Collector, collector, counter, gauge } from 'exporter-kit';
import { readRegularFile } from './regular-file.ts';
import { parseStatus } from './status.ts';

const states = ['ready', 'busy', 'failed'] as const;

/**
 * Reads a file at each scrape. Its writer must replace it by renaming, so that no scrape reads half of it.
 *
 */
export const acmeWidgetCollector = (path: string): Collector =>
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
      // The file remains if its writer stops: alert on this.
      modified: gauge({
        name: 'acme_widget_status_modified_timestamp_seconds',
        help: 'Last modification of the status file, in Unix time.',
        unit: 'seconds',
      }),
    },
    async collect({ items, handled, oldest, modified }, { signal }) {
      const { text, modifiedMs } = await readRegularFile(path, signal);
      const status = parseStatus(text);
      for (const state of states) items.set({ state }, status[state]);
      handled.set(status.handled);
      oldest.set(status.oldest_seconds);
      modified.set(modifiedMs / 1000);
    },
  });
