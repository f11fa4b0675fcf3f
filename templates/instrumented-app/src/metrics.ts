import { counter, live } from 'exporter-kit';

/** What the application counts, beside its requests: import it where the event happens. */
export const metrics = live({
  name: 'acme_widget',
  metrics: {
    lookups: counter({
      name: 'acme_widget_item_lookups_total',
      help: 'Items that were asked for, by whether they exist.',
      labels: { result: ['found', 'missing'] },
    }),
  },
});
