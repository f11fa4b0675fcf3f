import cluster from 'node:cluster';
import { counter, exporter, gauge, histogram, join, live, serve, share } from '../../dist/index.js';

const shop = live({
  name: 'shop',
  metrics: {
    orders: counter({ name: 'shop_orders_total', help: 'Orders.', labels: ['country'] }),
    busy: gauge({ name: 'shop_busy', help: 'Checkouts under way.' }),
    oldest: gauge({ name: 'shop_oldest_seconds', help: 'Age of the oldest.', unit: 'seconds', across: 'max' }),
    took: histogram({ name: 'shop_took_seconds', help: 'Time to check out.', unit: 'seconds', buckets: [1] }),
  },
});
const mail = live({
  name: 'mail',
  metrics: {
    sent: counter({ name: 'mail_sent_total', help: 'Mails sent.', ...(process.env.OTHER && { labels: ['to'] }) }),
  },
});

const does = {
  count({ by, times = 1 }) {
    for (let i = 0; i < times; i++) shop.orders.inc({ country: 'pt' }, by);
    shop.took.observe(0.25);
    shop.busy.inc();
    shop.oldest.set(by);
    if (!process.env.OTHER) mail.sent.inc();
  },
  exit: () => process.exit(0),
  throw() {
    setImmediate(() => {
      throw new Error('meant');
    });
  },
  send({ messages }) {
    for (const message of messages) process.send(message);
  },
  leave: ({ left }) => left.leave().then(() => process.kill(process.pid, 'SIGKILL')),
};

if (cluster.isPrimary) {
  cluster.setupPrimary({ silent: true });
  share([shop, mail], cluster);
  share(shop, cluster);
  const { url } = await serve(exporter({ name: 'shop_exporter', collectors: [shop.collector, mail.collector] }));
  process.on('message', ({ to, env, ...order }) => {
    if (to === undefined) cluster.fork(env);
    else cluster.workers[to].send(order);
  });
  cluster.on('exit', ({ id }) => process.send({ exited: id }));
  cluster.on('message', ({ id, process: { pid } }, message) => process.send({ id, pid, heard: message }));
  process.send({ url: String(url) });
} else {
  process.on('SIGTERM', () => process.exit());
  const left = join([shop, mail], process);
  join([shop, mail], process);
  process.on('message', (order) => {
    does[order.do]({ ...order, left });
    process.send({ done: order.do });
  });
  process.send({ done: 'starting' });
}
