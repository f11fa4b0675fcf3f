import { expect, it } from 'vitest';
import { collector, counter, gauge, histogram, live } from '../index.ts';
import { changes, scrape } from './index.ts';

// One for all tests, as an application has it.
const shop = live({
  name: 'shop',
  metrics: {
    orders: counter({
      name: 'shop_orders_total',
      help: 'Orders.',
      labels: { country: String, paid: ['card', 'cash'] },
    }),
    visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
    stock: gauge({ name: 'shop_stock', help: 'Stock.', labels: ['item'] }),
    took: histogram({ name: 'shop_checkout_seconds', help: 'Time.', unit: 'seconds', buckets: [1, 5] }),
  },
});
const labels = { country: 'pt', paid: 'card' } as const;

it.each([1, 2])('tells what was counted meanwhile, however much was counted before (%i)', async () => {
  shop.orders.inc(labels);
  shop.stock.set({ item: 'tea' }, 7);
  const { value } = await changes(shop.collector, async () => {
    await Promise.resolve();
    shop.orders.inc(labels, 2);
    shop.orders.inc({ country: 'es', paid: 'cash' });
    shop.stock.dec({ item: 'tea' }, 3);
    shop.took.observe(3);
  });
  expect(value('shop_orders_total', { paid: 'card', country: 'pt' })).toBe(2);
  expect(value('shop_orders_total', { country: 'es', paid: 'cash' })).toBe(1);
  expect(value('shop_stock', { item: 'tea' })).toBe(-3);
  expect(value('shop_visits_total')).toBe(0);
  expect(value('shop_checkout_seconds_bucket', { le: '1.0' })).toBe(0);
  expect(value('shop_checkout_seconds_bucket', { le: '5.0' })).toBe(1);
  expect(value('shop_checkout_seconds_sum')).toBe(3);
  expect(value('shop_orders_total', { country: 'fr', paid: 'card' })).toBeUndefined();
  expect(value('shop_sales_total')).toBeUndefined();
});

it('takes a series that begins or ends as 0 before or after, and equal values as no change', async () => {
  shop.stock.set({ item: 'milk' }, 4);
  shop.stock.set({ item: 'odd' }, Number.NaN);
  const { value } = await changes(shop.collector, () => {
    shop.stock.remove({ item: 'milk' });
    shop.stock.set({ item: 'salt' }, 5);
  });
  expect(value('shop_stock', { item: 'milk' })).toBe(-4);
  expect(value('shop_stock', { item: 'salt' })).toBe(5);
  expect(value('shop_stock', { item: 'odd' })).toBe(0);
});

it('throws for what is refused meanwhile, not for what was refused before', async () => {
  shop.visits.inc(-1);
  await changes(shop.collector, () => shop.visits.inc());
  await expect(changes(shop.collector, () => shop.visits.inc(-1))).rejects.toThrow(/shop_visits_total.*not -1/);
  const none = await changes(shop.collector, () => {});
  expect(none.value('shop_visits_total')).toBe(0);
});

it('throws what the work throws', async () => {
  const failing = changes(shop.collector, () => Promise.reject(new RangeError('no')));
  await expect(failing).rejects.toThrow(new RangeError('no'));
  await scrape(shop.collector);
});

it('is for any collector', async () => {
  let messages = 3;
  const queue = collector({
    name: 'queue',
    metrics: { depth: gauge({ name: 'queue_depth', help: 'Messages waiting.' }) },
    collect: ({ depth }) => depth.set(messages),
  });
  const { value } = await changes(queue, () => (messages -= 2));
  expect(value('queue_depth')).toBe(-2);
});
