import { join } from 'exporter-kit';
import express from 'express';
import { http, shop } from './metrics.mjs';

join([shop, http], process);

const app = express();
app.use(http.express());
app.get('/items/:id', (request, response) => void response.send(`item ${request.params.id}\n`));
app.post('/orders/:country', (request, response) => {
  shop.orders.inc({ country: request.params.country, paid: 'card' });
  process.send({ order: { headers: { traceparent: request.get('traceparent') } } });
  response.set('worker', String(process.pid)).status(202).end();
});
app.listen(0, '127.0.0.1');
