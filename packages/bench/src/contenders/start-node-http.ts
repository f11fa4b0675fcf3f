import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const body = '# HELP bench_answer Made up.\n# TYPE bench_answer gauge\nbench_answer 42\n';
const server = createServer((_req, res) => {
  res.setHeader('content-type', 'text/plain; version=0.0.4').end(body);
});
server.listen(0, '127.0.0.1', () =>
  writeSync(1, `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics\n`),
);
