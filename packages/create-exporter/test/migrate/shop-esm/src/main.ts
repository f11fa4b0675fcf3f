import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { checkout } from './checkout.ts';
import { counted } from './counts.ts';
import { register } from './metrics.ts';

const app = express();
app.use(counted);
app.get('/order/:country', async (request, response) => {
  await checkout(request.params.country, request.get('x-paid'));
  response.send('thanks');
});
const server = createServer(async (request, response) => {
  if (request.url !== '/metrics') {
    app(request, response);
    return;
  }
  response.setHeader('content-type', register.contentType);
  response.end(await register.metrics());
});
await once(server.listen(0, '127.0.0.1'), 'listening');
console.log(`address=http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
