import { readFileSync } from 'node:fs';
import { collectorConformance, golden, scrape } from 'exporter-kit/testing';
import { describe, expect, it } from 'vitest';
import { server } from '../test/server.ts';
import { acmeWidgetCollectors, acmeWidgetSource, type Client } from './index.ts';

const recorded = readFileSync(new URL('../test/acme-widget.json', import.meta.url), 'utf8');

it('write the metrics of a recorded reply', async () => {
  const { target } = await server((_, response) => response.end(recorded));
  const all = [acmeWidgetSource, ...acmeWidgetCollectors];
  const texts = await Promise.all(all.map(async (each) => (await scrape(each, { target })).text));
  golden(texts.join(''), new URL('../test/acme-widget.prom', import.meta.url));
});

it('have names of their own', () => {
  expect(acmeWidgetCollectors.map(({ name }) => name)).toEqual(['acme_widget_handled', 'acme_widget_items']);
});

describe.each(acmeWidgetCollectors)('$name', (collector) => {
  const client: Client = { status: async () => JSON.parse(recorded), close() {} };
  // They ask nothing by themselves, so that nothing of theirs fails or hangs.
  it.each(collectorConformance({ good: () => ({ collector, client }), failing: 'none', hanging: 'none' }))(
    '$title',
    ({ check }) => check(),
  );
});
