import { collector, counter } from 'exporter-kit';
import { acmeWidgetSource } from './source.ts';

/** What the server has done. */
export const acmeWidgetHandled = collector({
  name: 'acme_widget_handled',
  source: acmeWidgetSource,
  metrics: {
    handled: counter({ name: 'acme_widget_handled_total', help: 'Items handled since the source started.' }),
  },
  collect({ handled }, { reading: reply }) {
    handled.set(reply.handled);
  },
});
