import { createServer } from 'node:http';
import { makeSource } from '../data/source.ts';
import { gaugeRegistry } from './prom-client-gauges.ts';
import { promClientListener } from './prom-client-http.ts';

// As run-collectors.ts.
const source = makeSource('mixed', Number(process.env.BENCH_SERIES));
const { registry, read } = gaugeRegistry(source);
let reads = 0;
const port = Number(/:(\d+)$/.exec(process.argv[2] ?? '')?.[1]);
createServer(
  promClientListener(registry, () => {
    source.turn(reads++);
    read();
  }),
).listen(port, '127.0.0.1');
