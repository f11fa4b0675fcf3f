import { counter, gauge, histogram, live } from 'exporter-kit';
import { httpServer } from 'exporter-kit/http';

export const http = httpServer();

export const shop = live({
  name: 'shop',
  metrics: {
    orders: counter({
      name: 'shop_orders_total',
      help: 'Orders.',
      labels: { country: String, paid: ['card', 'cash'] },
    }),
    waiting: gauge({ name: 'shop_orders_waiting', help: 'Orders that wait to be packed.' }),
    packing: histogram({ name: 'shop_packing_seconds', help: 'Time to pack.', unit: 'seconds', buckets: [0.01, 0.1] }),
  },
});
