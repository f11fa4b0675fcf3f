import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { expect, expectTypeOf, it } from 'vitest';
import {
  counter,
  folder,
  gauge,
  gaugeHistogram,
  histogram,
  info,
  join,
  type Live,
  live,
  type Membership,
  type SharedCounts,
  share,
  stateset,
  summary,
} from '../index.ts';

const metrics = {
  orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: { country: String, paid: ['card', 'cash'] } }),
  visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
  stock: gauge({ name: 'shop_stock', help: 'Items left.', labels: ['item'] }),
  busy: gauge({ name: 'shop_checkouts', help: 'Checkouts under way.' }),
  took: histogram({
    name: 'shop_checkout_seconds',
    help: 'Time to check out.',
    unit: 'seconds',
    labels: ['step'],
    buckets: [1],
  }),
  about: info({ name: 'shop_build_info', help: 'The build.', labels: ['version'] }),
  till: stateset({ name: 'shop_till', help: 'State.', states: ['open', 'shut'] }),
  door: stateset({ name: 'shop_door', help: 'State.', states: ['open', 'shut'], labels: ['side'] }),
};

/** Never called either. */
function sharing(shop: Live<typeof metrics>, child: ChildProcess, shared: SharedCounts): void {
  expectTypeOf(share([shop, shop], { maxBytes: 2 ** 20 })).toEqualTypeOf<SharedCounts>();
  share(shop, cluster);
  share(shop, child);
  expectTypeOf(join(shop, process)).toEqualTypeOf<Membership>();
  expectTypeOf(join(shop, folder('/run/shop'))).toEqualTypeOf<Membership>();
  expectTypeOf(join([shop], shared)).toEqualTypeOf<void>();
  // @ts-expect-error an instrument alone
  share(shop.orders);
  // @ts-expect-error the path of a folder
  join(shop, '/run/shop');
}

/** Never called: what it says is for the compiler. */
function calls(shop: Live<typeof metrics>): void {
  shop.orders.inc({ country: 'pt', paid: 'card' });
  shop.orders.inc({ country: 'pt', paid: 'card' }, 2);
  shop.orders.with({ country: 'pt', paid: 'cash' }).inc(2);
  shop.orders.inc({ country: 'pt', paid: 'card' }, 2, { trace_id: 'a' });
  shop.orders.with({ country: 'pt', paid: 'cash' }).inc(2, { trace_id: 'a' });
  shop.visits.inc(1, { trace_id: 'a' });
  shop.took.observe({ step: 'pay' }, 0.3, { trace_id: 'a' });
  shop.took.with({ step: 'pay' }).observe(0.3, { trace_id: 'a' });
  shop.took.start()({ step: 'pay' }, { trace_id: 'a' });
  shop.orders.remove({ country: 'pt', paid: 'cash' });
  shop.visits.inc();
  shop.stock.set({ item: 'tea' }, 3);
  shop.stock.with({ item: 2 }).dec();
  shop.busy.setToCurrentTime();
  shop.took.observe({ step: 'pay' }, 0.3);
  shop.about.set({ version: '1' });
  shop.till.set('open');
  shop.door.set({ side: 'left' }, 'open');
  expectTypeOf(shop.took.start()({ step: 'pay' })).toBeNumber();
  expectTypeOf(shop.took.time({ step: 'pay' }, () => 'sync')).toBeString();
  expectTypeOf(shop.busy.track(async () => 3)).resolves.toBeNumber();
  expectTypeOf<Pick<typeof shop, 'visits'>>().toHaveProperty('visits');

  // @ts-expect-error an exemplar's labels are strings
  shop.visits.inc(1, { order: 7 });
  // @ts-expect-error an exemplar is an object
  shop.took.observe({ step: 'pay' }, 0.3, 'a');
  // @ts-expect-error gauges have none
  shop.busy.set(3, { trace_id: 'a' });
  // @ts-expect-error labels are missing
  shop.orders.inc();
  // @ts-expect-error a label is missing
  shop.orders.inc({ country: 'pt' });
  // @ts-expect-error outside the declared values
  shop.orders.inc({ country: 'pt', paid: 'gold' });
  // @ts-expect-error a misspelt label
  shop.orders.inc({ country: 'pt', payd: 'card' });
  // @ts-expect-error an extra label
  shop.orders.inc({ country: 'pt', paid: 'card', zone: 'eu' });
  // @ts-expect-error no labels here
  shop.visits.inc({ country: 'pt' });
  // @ts-expect-error bound to its labels already
  shop.orders.with({ country: 'pt', paid: 'card' }).inc({ country: 'pt', paid: 'card' });
  // @ts-expect-error a counter can't be set
  shop.orders.set({ country: 'pt', paid: 'card' }, 1);
  // @ts-expect-error a counter can't go down
  shop.visits.dec();
  // @ts-expect-error a gauge observes nothing
  shop.stock.observe({ item: 'tea' }, 1);
  // @ts-expect-error no labels to bind
  shop.visits.with();
  // @ts-expect-error a value is missing
  shop.took.observe({ step: 'pay' });
  // @ts-expect-error labels are missing
  shop.took.start()();
  // @ts-expect-error not a state
  shop.till.set('ajar');
  // @ts-expect-error no such metric
  shop.sales?.inc();
}

it('compiles what is right and nothing else', () => {
  expect(calls).toBeTypeOf('function');
  expect(sharing).toBeTypeOf('function');
  const sizes = summary({ name: 'shop_size_bytes', help: 'Sizes.', unit: 'bytes' });
  // @ts-expect-error quantiles can't be counted
  expect(() => live({ name: 'shop', metrics: { sizes } })).toThrow('is a summary');
  const ages = gaugeHistogram({ name: 'shop_age', help: 'Ages.', buckets: [] });
  // @ts-expect-error it says how values are distributed now; what is counted only goes up
  expect(() => live({ name: 'shop', metrics: { ages } })).toThrow('is a gaugehistogram');
  // @ts-expect-error the key is taken
  expect(() => live({ name: 'shop', metrics: { collector: metrics.visits } })).toThrow('reserved');
  const { orders } = live({ name: 'shop', metrics });
  expectTypeOf(orders.inc).parameter(0).toEqualTypeOf<{ readonly country: string; readonly paid: 'card' | 'cash' }>();
});
