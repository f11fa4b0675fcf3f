import { Counter, Histogram, type Registry } from 'prom-client';

/** What the application counts about itself. */
export interface Metrics {
  readonly requests: Counter<'route' | 'code'>;
  readonly durations: Histogram<'route'>;
}

/** Registers the metrics. A registry has them once. */
export function metricsIn(register: Registry): Metrics {
  const registers = [register];
  return {
    requests: new Counter({
      name: 'acme_widget_http_requests_total',
      help: 'Requests, by route and status; 499 where the client had left.',
      labelNames: ['route', 'code'],
      registers,
    }),
    durations: new Histogram({
      name: 'acme_widget_http_request_duration_seconds',
      help: 'Time until a request was answered, by route.',
      labelNames: ['route'],
      buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
      registers,
    }),
  };
}
