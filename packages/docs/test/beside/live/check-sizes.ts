import { exporter, fetchHandler } from 'exporter-kit';
import { sizes } from './sizes.ts';

for (const size of [sizes.usual, sizes.classic, sizes.fine]) size.observe(2e3);
const handler = fetchHandler(exporter({ name: 'sizes_exporter', collectors: [sizes.collector] }));
const text = await (await handler(new Request('http://page/metrics'))).text();
for (const line of text.split('\n')) if (/^[a-z]+_bytes_/.test(line)) console.log(line);
