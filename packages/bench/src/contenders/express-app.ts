import type { AddressInfo } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { obey } from './obey.ts';

/** Serves an application of Express with one route, and metrics, which middleware does not see. */
export function serveApp(metrics: RequestHandler, prepare: (app: Express) => void): void {
  let reads = 0;
  const app = express();
  app.get('/metrics', metrics);
  prepare(app);
  app.get('/users/:id', (request, response) => {
    reads++;
    response.json({ id: request.params.id });
  });
  const server = app.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    obey(`http://127.0.0.1:${port}/users/42`, { turn() {}, reads: () => reads });
  });
}
