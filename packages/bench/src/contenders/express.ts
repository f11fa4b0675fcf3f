import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exporter, nodeListener } from 'exporter-kit';
import { httpServer } from 'exporter-kit/http';
import express, { type Express } from 'express';
import { obey } from './obey.ts';

// One server with applications that differ in what passes a request on to the route; `turn N` selects one. In one process they
// share compiled code, heap and sockets: two processes with the same program differ by more than what is measured.
const http = httpServer();
const reads = [0, 0, 0, 0, 0];
const apps: readonly RequestListener[] = [
  http.express(application(0, () => {})),
  application(1, (app) => app.use(http.express())),
  application(2, (app) => app.use((_request, _response, next) => next())),
  application(3, () => {}),
  application(4, () => {}),
];
const metrics = nodeListener(exporter({ name: 'bench_exporter', collectors: [http.collector] }));
let turn = 0;

function application(index: number, prepare: (app: Express) => void): Express {
  const app = express();
  prepare(app);
  app.get('/users/:id', (request, response) => {
    reads[index]!++;
    response.json({ id: request.params.id });
  });
  return app;
}

const server = createServer((request, response) => {
  if (request.url === '/metrics') metrics(request, response);
  else apps[turn]!(request, response);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  obey(`http://127.0.0.1:${port}/users/42`, {
    turn(n) {
      turn = n;
    },
    reads: () => reads[turn]!,
  });
});
