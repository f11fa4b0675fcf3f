import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { counter, join, type Live, live, share } from '../../../index.ts';
import { scrape } from '../../../testing/index.ts';
import { Rows } from '../../rows/rows.ts';

const metrics = { orders: counter({ name: 'orders_total', help: 'Orders.', labels: ['shop'] }) };
const shop = (): Live<typeof metrics> => live({ name: 'shop', metrics });

it('gives rows to new series a few at a time, however many there are', async () => {
  const parent = shop();
  const thread = shop();
  join(thread, share(parent));
  for (let i = 0; i < 1000; i++) thread.orders.inc({ shop: `${i}` });
  // A clock on which each series takes a tenth of a millisecond.
  let clock = 0;
  let placed = 0;
  const { take } = Rows.prototype;
  const spies = [
    vi.spyOn(performance, 'now').mockImplementation(() => clock),
    vi.spyOn(Rows.prototype, 'take').mockImplementation(function (this: Rows, values) {
      clock += 0.1;
      placed++;
      return take.call(this, values);
    }),
  ];
  onTestFinished(() => spies.forEach((spy) => void spy.mockRestore()));
  let isOver = false;
  const scraped = scrape(parent.collector).finally(() => {
    isOver = true;
  });
  let most = placed;
  for (let before = placed; !isOver; before = placed) {
    await setImmediate();
    most = Math.max(most, placed - before);
  }
  expect((await scraped).series('orders_total')).toHaveLength(1000);
  expect(placed).toBe(1000);
  expect(most).toBeLessThanOrEqual(128);
});

it('has new series in numbers that are read at once', () => {
  const parent = shop();
  const thread = shop();
  join(thread, share(parent));
  for (let i = 0; i < 1000; i++) thread.orders.inc({ shop: `${i}` });
  const [orders] = parent.collector.feed!.freeze().families;
  expect(orders!.ids.filter((id) => id !== 0)).toHaveLength(1000);
});
