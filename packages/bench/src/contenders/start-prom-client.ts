import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';

const registry = new Registry();
new Gauge({ name: 'bench_answer', help: 'Made up.', registers: [registry] }).set(42);
const server = createServer(async (_req, res) => {
  res.setHeader('content-type', registry.contentType).end(await registry.metrics());
});
server.listen(0, '127.0.0.1', () =>
  writeSync(1, `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics\n`),
);
