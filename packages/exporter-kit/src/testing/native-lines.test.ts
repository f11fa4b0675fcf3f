import { expect, it } from 'vitest';
import { collector, histogram, live } from '../index.ts';
import { parseText, scrape } from './index.ts';

it('shows native histograms as comments of the exposition', async () => {
  const wait = histogram({ name: 'wait_seconds', help: 'x', unit: 'seconds', buckets: [1], labels: ['queue'] });
  const shop = live({ name: 'shop', metrics: { wait } });
  for (const value of [0.3, 0.3, 1, 0, -2, 70]) shop.wait.observe({ queue: 'a "b"' }, value);
  const { text, textWithNatives, series } = await scrape(shop.collector);
  expect(textWithNatives).toBe(
    `${text}# native wait_seconds{queue="a \\"b\\""} count 6, sum 69.6, schema 3, zero 1 (up to 2.938735877055719e-39), positive -13:2 0:1 50:1, negative 8:1\n`,
  );
  expect(parseText(textWithNatives)).toEqual(parseText(text));
  expect(series('wait_seconds')).toMatchObject([{ value: 6, native: { schema: 3, negative: [[8, 1]] } }]);
});

it('adds nothing where there are none', async () => {
  const h = histogram({ name: 'h', help: 'x', buckets: [1] });
  const classic = collector({ name: 'c', metrics: { h }, collect: (write) => write.h.set({ counts: [1, 2], sum: 3 }) });
  const { text, textWithNatives } = await scrape(classic);
  expect(textWithNatives).toBe(text);
});
