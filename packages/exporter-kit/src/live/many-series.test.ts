import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { silent } from '../collect/context.ts';
import { runner } from '../collect/scrape/runner.ts';
import { counter, live } from '../index.ts';

const SERIES = 20_000;

it('many new series do not block the event loop, and what is counted meanwhile is there', async () => {
  const shops = ['a', 'b'].map((name) =>
    live({
      name,
      maxSeries: SERIES,
      metrics: { orders: counter({ name: `${name}_orders_total`, help: 'Orders.', labels: ['id'] }) },
    }),
  );
  for (const { orders } of shops) for (let id = 0; id < SERIES; id++) orders.inc({ id });
  const runners = shops.map(({ collector }) => runner(collector, undefined, { log: silent, strict: true }));
  const scrape = async (): Promise<{ readonly turns: number; readonly sums: readonly number[] }> => {
    let turns = 0;
    let ended = false;
    const done = Promise.all(runners.map((one) => one.join(Infinity).done)).finally(() => {
      ended = true;
    });
    while (!ended) {
      await setImmediate();
      turns++;
      if (turns === 1) shops[1]!.orders.inc({ id: SERIES - 1 });
    }
    const sums = (await done).map(({ samples }) => {
      const [column] = samples!.columns;
      expect(column!.live).toBe(SERIES);
      return column!.vals.subarray(0, column!.rows).reduce((sum, value) => sum + value, 0);
    });
    return { turns, sums };
  };
  const first = await scrape();
  expect(first.turns).toBeGreaterThan(5);
  expect(first.sums).toEqual([SERIES, SERIES + 1]);
  // The next one has nothing to prepare.
  expect((await scrape()).turns).toBeLessThan(4);
});

it('ends at once, unless something of it waits', async () => {
  const metrics = { orders: counter({ name: 'orders_total', help: 'Orders.' }) };
  const statusAtOnce = (collect?: () => Promise<void>): string | undefined => {
    const one = live({ name: 'shop', metrics, ...(collect && { collect }) });
    one.orders.inc();
    const run = runner(one.collector, undefined, { log: silent, strict: true }).join(Infinity);
    run.outcome?.samples?.release();
    return run.outcome?.status;
  };
  expect(statusAtOnce()).toBe('ok');
  expect(statusAtOnce(async () => {})).toBeUndefined();
});
