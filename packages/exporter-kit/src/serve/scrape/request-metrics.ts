import { type About, about } from '../../collect/scrape/self-metrics.ts';
import { counter, gauge } from '../../metric/declare.ts';

/** Counts what the metrics handler does. */
export interface Traffic {
  readonly about: About<undefined>;
  began(): void;
  ended(code: number, bytes: number): void;
}

/** Starts counting, under the names promhttp has. */
export function countTraffic(): Traffic {
  const requests = new Map([200, 500, 503].map((code) => [code, 0]));
  let inFlight = 0;
  let sent = 0;
  const metrics = {
    requests: counter({
      name: 'promhttp_metric_handler_requests_total',
      help: 'Scrapes answered, by HTTP status code.',
      labels: ['code'],
    }),
    inFlight: gauge({
      name: 'promhttp_metric_handler_requests_in_flight',
      help: 'Scrapes being answered, this one among them.',
    }),
    sent: counter({
      name: 'promhttp_metric_handler_response_bytes_total',
      help: 'Bytes of the answers to scrapes, as they were sent.',
      unit: 'bytes',
    }),
  };
  return {
    about: about(metrics, (write, _facts: undefined) => {
      for (const [code, count] of requests) write.requests.set({ code }, count);
      write.inFlight.set(inFlight);
      write.sent.set(sent);
    }),
    began() {
      inFlight++;
    },
    ended(code, bytes) {
      inFlight--;
      sent += bytes;
      requests.set(code, (requests.get(code) ?? 0) + 1);
    },
  };
}
