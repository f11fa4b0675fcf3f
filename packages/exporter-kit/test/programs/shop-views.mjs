import { counter, exporter, live, runViews } from '../../dist/index.js';

const shop = live({ name: 'shop', metrics: { orders: counter({ name: 'shop_orders_total', help: 'Orders.' }) } });

await runViews(exporter({ name: 'shop', collectors: [shop.collector] }), { port: 19101 });
