import type { RequestHandler } from 'express';
import { Counter, Histogram } from 'prom-client';
import * as metrics from './metrics.ts';

const requests = new Counter({
  name: 'shop_requests_total',
  help: 'Requests.',
  labelNames: ['method', 'route', 'code'],
  registers: [metrics.register],
});
const duration = new Histogram({
  name: 'shop_request_duration_ms',
  help: 'Time to answer.',
  labelNames: ['method'],
  buckets: [1, 10, 1000],
  registers: [metrics.register],
});

/** Counts each request. */
export const counted: RequestHandler = (request, response, next) => {
  const labels = { method: request.method, route: request.path.split('/')[1] ?? 'none' };
  response.on('finish', () => {
    requests.inc({ ...labels, code: response.statusCode });
    duration.observe({ method: request.method }, 5);
  });
  next();
};
