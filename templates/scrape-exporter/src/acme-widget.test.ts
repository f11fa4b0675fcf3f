import { golden, lint, scrape } from 'exporter-kit/testing';
import { expect, it } from 'vitest';
import { acmeWidgetCollector } from './acme-widget.ts';
import { acmeWidgetSource } from './source.ts';

it('writes the metrics of the sample', async () => {
  const texts = [await scrape(acmeWidgetSource), await scrape(acmeWidgetCollector)].map(({ text }) => text).join('');
  expect(lint(texts)).toEqual([]);
  golden(texts, new URL('../test/acme-widget.prom', import.meta.url));
});

it('writes what the server answered', async () => {
  const reading = { items: { ready: 1, busy: 2, failed: 3 }, handled: 7, oldestSeconds: 0.5 };
  const { value } = await scrape(acmeWidgetCollector, { reading });
  expect(value('acme_widget_items', { state: 'failed' })).toBe(3);
  expect(value('acme_widget_handled_total')).toBe(7);
});
