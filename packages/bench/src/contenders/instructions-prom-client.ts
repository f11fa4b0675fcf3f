import { makeSource } from '../data/source.ts';
import { gaugeRegistry } from './prom-client-gauges.ts';

// Collects and encodes, without HTTP: COUNT series, SCRAPES times.
const [count, scrapes] = process.argv.slice(2).map(Number) as [number, number];
const source = makeSource('mixed', count);
const { registry, read } = gaugeRegistry(source);
for (let n = 0; n < scrapes; n++) {
  source.turn(n);
  read();
  Buffer.from(await registry.metrics());
}
