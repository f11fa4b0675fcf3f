import { type Collector, collector, counter, gauge } from 'exporter-kit';
import { z } from 'exporter-kit/config';
import { fetchReply } from './reply.ts';

const states = ['ready', 'busy', 'failed'] as const;

/**
 * Reads Acme Widget at each scrape, from the URL in `--collector.acme_widget.source`.
 *
 * @example
 * exporter({ name: 'shop_exporter', version, collectors: [acmeWidget()] });
 * @example
 * // Two of them in one exporter.
 * ['eu', 'us'].map((region) => withLabels(acmeWidget({ name: `acme_widget_${region}` }), { region }));
 */
export function acmeWidget({ name = 'acme_widget' }: { readonly name?: string } = {}): Collector {
  return collector({
    name,
    metrics: {
      items: gauge({ name: 'acme_widget_items', help: 'Items, by state.', labels: { state: states } }),
      handled: counter({ name: 'acme_widget_handled_total', help: 'Items handled since the source started.' }),
      oldest: gauge({
        name: 'acme_widget_oldest_item_age_seconds',
        help: 'Age of the oldest waiting item.',
        unit: 'seconds',
      }),
    },
    // Each key is a flag of the exporter that uses the collector, and an environment variable.
    config: z.object({
      source: z
        .url({ protocol: /^https?$/ })
        .default('http://127.0.0.1:8080/status')
        .describe('URL of the JSON reply.'),
    }),
    async collect({ items, handled, oldest }, { config: { source }, signal }) {
      const reply = await fetchReply(source, signal);
      for (const state of states) items.set({ state }, reply.items[state]);
      handled.set(reply.handled);
      oldest.set(reply.oldestSeconds);
    },
  });
}
