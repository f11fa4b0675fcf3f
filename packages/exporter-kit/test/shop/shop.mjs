// A shop: two workers take orders, and hand them to the queue of the process that is scraped.
import cluster from 'node:cluster';
import { exporter, serve, share } from 'exporter-kit';
import { http, shop } from './metrics.mjs';
import { pack } from './packing.mjs';

const [port = '0'] = process.argv.slice(2);

cluster.setupPrimary({ exec: new URL('worker.mjs', import.meta.url).pathname, args: [] });
share([shop, http], cluster);

const queue = [];
cluster.on('message', (_worker, message) => {
  if (message.order === undefined) return;
  queue.push(message.order);
  shop.waiting.set(queue.length);
  setImmediate(packNext);
});

async function packNext() {
  const order = queue.shift();
  if (order !== undefined) await pack(order);
  shop.waiting.set(queue.length);
}

// A worker that dies is replaced.
cluster.on('exit', () => void cluster.fork());

const { url } = await serve(exporter({ name: 'shop_exporter', collectors: [shop.collector, http.collector] }), {
  address: `127.0.0.1:${port}`,
  openMetricsCreated: true,
});
const workers = [cluster.fork(), cluster.fork()];
const addresses = await Promise.all(
  workers.map((worker) => new Promise((resolve) => worker.once('listening', ({ port }) => resolve(port)))),
);
console.log(JSON.stringify({ metrics: `${url}metrics`, shop: `http://127.0.0.1:${addresses[0]}` }));
