import { Counter, Histogram, type Registry } from 'prom-client';

/** The application's metrics. */
export interface Metrics {
  readonly requests: Counter<'route' | 'code'>;
  readonly durations: Histogram<'route'>;
}

/** Registers the metrics; once per registry. */
export function metricsIn(register: Registry): Metrics {
  const registers = [register];
  return {
    requests: new Counter({
      name: 'acme_widget_http_requests_total',
      help: 'Requests, by route and status; 499 if the client disconnected.',
      labelNames: ['route', 'code'],
      registers,
    }),
    durations: new Histogram({
      name: 'acme_widget_http_request_duration_seconds',
      help: 'Time to answer a request, by route.',
      labelNames: ['route'],
      buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
      registers,
    }),
  };
}
