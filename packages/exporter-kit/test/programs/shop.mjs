// An application that counts, and that its operator tunes by a variable of the environment.
import { counter, exporter, histogram, live, serve } from 'exporter-kit';
import { tuneFrom } from 'exporter-kit/config';

const metrics = {
  orders: counter({ name: 'shop_orders_total', help: 'Orders.' }),
  took: histogram({ name: 'shop_checkout_seconds', help: 'Time.', unit: 'seconds', buckets: [0.1, 0.5] }),
};

const tune = await tuneFrom(process.env.SHOP_METRICS, { metrics, from: 'SHOP_METRICS' }).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
const shop = live({ name: 'shop', metrics, tune });
shop.orders.inc();
shop.took.observe(3);

const { url, close } = await serve(exporter({ name: 'shop_exporter', collectors: [shop.collector] }));
console.log(await (await fetch(new URL('metrics', url))).text());
await close();
