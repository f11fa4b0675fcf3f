import { fetchHandler } from 'exporter-kit';
import { checkout, metrics } from './shop.ts';

await checkout(async () => {});
const text = await (await fetchHandler(metrics)(new Request('http://page/metrics'))).text();
for (const line of text.split('\n')) if (/^shop_(orders|checkouts|.*_count)/.test(line)) console.log(line);
