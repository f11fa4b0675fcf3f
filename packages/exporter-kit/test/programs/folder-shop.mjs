import { counter, exporter, folder, gauge, join, live, serve } from '../../dist/index.js';

const shop = live({
  name: 'shop',
  metrics: {
    orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
    busy: gauge({ name: 'shop_busy', help: 'Checkouts under way.' }),
  },
});
join(shop, folder(process.argv[2]));
const { url } = await serve(exporter({ name: 'shop_exporter', collectors: [shop.collector] }));
process.on('message', ({ by, exits }) => {
  shop.orders.inc({ country: 'pt' }, by);
  shop.busy.set(by);
  if (exits) process.exit(0);
  process.send({ by });
});
process.send({ url: String(url) });
