// Counts in a thread, as live-threads.test.ts orders.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { counter, gauge, histogram, info, join, live, share } from '../../dist/index.js';

const declare = (more = {}) =>
  live({
    name: 'shop',
    metrics: {
      orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
      visits: counter({ name: 'shop_visits_total', help: 'Visits.' }),
      busy: gauge({ name: 'shop_busy', help: 'Checkouts under way.' }),
      open: gauge({ name: 'shop_open', help: 'Open.', labels: ['id'], across: 'max' }),
      took: histogram({ name: 'shop_took_seconds', help: 'Time to check out.', unit: 'seconds', buckets: [1] }),
      about: info({ name: 'shop_build_info', help: 'The build.', labels: ['version'] }),
    },
    ...more,
  });

if (!isMainThread && workerData?.shared !== undefined) {
  const shop = declare(workerData.more);
  const bound = shop.orders.with({ country: 'pt' });
  const does = {
    join: () => join(shop, workerData.shared),
    count({ times, by, country }) {
      for (let i = 0; i < times; i++) {
        bound.inc(by);
        shop.visits.inc(by);
        if (i % 16 === 0) shop.took.observe(0.25);
        if (country !== undefined) shop.orders.inc({ country: `${country}-${i}` });
      }
    },
    exemplar({ by, labels }) {
      // So that it is newer than the one before, which another thread may have.
      for (const before = Date.now(); Date.now() === before; );
      shop.orders.inc({ country: 'pt' }, by, labels);
      shop.took.observe(by, labels);
    },
    // OpenTelemetry is loaded after the thread has joined.
    trace({ span }) {
      const context = { active: () => ({ getValue: () => ({ spanContext: () => ({ ...span, traceFlags: 1 }) }) }) };
      globalThis[Symbol.for('opentelemetry.js.api.1')] = { context };
    },
    set({ busy, open }) {
      shop.busy.set(busy);
      for (const id of open ?? []) shop.open.set({ id }, busy);
      shop.about.set({ version: '1' });
    },
    remove: ({ open }) => shop.open.remove({ id: open }),
    observe({ values }) {
      for (const value of values) shop.took.observe(value);
    },
    // Series that come and go.
    churn({ times }) {
      for (let i = 0; i < times; i++) {
        shop.open.set({ id: `short-${i}-${'x'.repeat(i % 40)}` }, 1);
        shop.open.remove({ id: `short-${i}-${'x'.repeat(i % 40)}` });
      }
    },
    start() {
      const inner = new Worker(new URL(import.meta.url), { workerData: { ...workerData, shared: share(shop) } });
      inner.on('message', (message) => parentPort.postMessage({ inner: message }));
      does.inner = ({ order }) => inner.postMessage(order);
      does.stopInner = () => inner.terminate();
    },
    end: () => parentPort.close(),
    exit: () => process.exit(0),
    throw() {
      throw new Error('meant');
    },
  };
  parentPort.on('message', async (order) => {
    try {
      await does[order.do](order);
      parentPort.postMessage({ done: order.do });
    } catch (error) {
      if (order.do === 'throw') throw error;
      parentPort.postMessage({ done: order.do, error: `${error.name}: ${error.message}` });
    }
  });
}
