import client, { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';

export const register = new Registry();

const registers = [register];
const buckets = client.linearBuckets(0.1, 0.2, 3);

/** Orders that were paid. */
export const orders: Counter<'country' | 'paid'> = new Counter({
  name: 'shop_orders_total',
  help: 'Orders.',
  labelNames: ['country', 'paid'] as const,
  registers: [register],
});

export const shop = {
  busy: new Gauge({ name: 'shop_busy', help: 'Checkouts under way.', registers: [register] }),
  stock: new Gauge({ name: 'shop_stock', help: `Items ${'in stock'}.`, labelNames: ['item'], registers: [register] }),
  took: new Histogram({
    name: 'shop_checkout_seconds',
    help: 'Time to check out.',
    labelNames: ['step', 'ok'],
    buckets,
    registers: [register],
  }),
};

export const sizes = new Summary({ name: 'shop_sizes', help: 'Sizes.', registers });
export const logins = new Counter({
  name: 'shop_logins_total',
  help: 'Logins.',
  labelNames: ['how'],
  registers: [register],
});
export const odd = new Counter({ name: 'shop_odd_total', help: 'Odd.', labelNames: ['a', 'b'], registers: [register] });
