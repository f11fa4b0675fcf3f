import { fetchHandler } from 'exporter-kit';
import * as queue from './queue.ts';
import * as shop from './shop.ts';

queue.queue.done.inc();
for (const { metrics } of [shop, queue]) {
  const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
  for (const line of text.split('\n')) if (/^(shop|queue)_(orders|carts|jobs)/.test(line)) console.log(line);
}
