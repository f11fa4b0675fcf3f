import { exporter, fetchHandler } from 'exporter-kit';
import { shop } from './tuned-shop.ts';

const handler = fetchHandler(exporter({ name: 'shop_exporter', collectors: [shop.collector] }));
const text = await (await handler(new Request('http://page/metrics'))).text();
for (const line of text.split('\n')) if (/^shop_(orders|.*_bucket)/.test(line)) console.log(line);
