const express = require('express');
const { collectDefaultMetrics } = require('prom-client');
const { counted } = require('./http-metrics');
const { mailer } = require('./mail');
const metrics = require('./metrics');
const queue = require('./queue');

const { orders } = metrics;
const mail = mailer();

exports.createApp = () => {
  collectDefaultMetrics();
  const app = express();
  app.use(counted);
  app.get('/', (_request, response) => {
    metrics.visits.inc();
    response.send('welcome');
  });
  app.get('/carts/:change', (request, response) => {
    if (request.params.change === 'open') metrics.carts.inc();
    else metrics.carts.dec();
    response.send('ok');
  });
  app.get('/order/:country/:paid', async (request, response) => {
    const { country, paid } = request.params;
    if (paid === 'card') orders.labels(country, paid).inc();
    else orders.inc({ country, paid }, 2);
    metrics.stock.set({ item: 'anvil' }, 41.5);
    metrics.stock.labels('rocket').dec(0.5);
    mail.send('order');
    queue.add(async () => {
      if (country === 'nowhere') throw new Error('no such country');
    });
    await queue.work();
    response.send('thanks');
  });
  app.get('/metrics', async (_request, response) => {
    response.set('Content-Type', metrics.register.contentType);
    response.end(await metrics.register.metrics());
  });
  return app;
};
