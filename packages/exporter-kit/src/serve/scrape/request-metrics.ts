import { type SelfMetrics, selfMetrics } from '../../collect/scrape/self-metrics.ts';
import { counter, gauge } from '../../metric/declare.ts';
import { type HttpRequest, type HttpResponse, isStreamed } from '../answer/http-message.ts';

/** Counts scrapes, under promhttp's names. */
export interface RequestMetrics {
  readonly selfMetrics: SelfMetrics<undefined>;
  began(): void;
  ended(code: number, bytes: number): void;
}

export function requestMetrics(): RequestMetrics {
  const requests = new Map([200, 500, 503].map((code) => [code, 0]));
  let inFlight = 0;
  let sent = 0;
  const metrics = {
    requests: counter({
      name: 'promhttp_metric_handler_requests_total',
      help: 'Total number of scrapes by HTTP status code.',
      labels: ['code'],
    }),
    inFlight: gauge({
      name: 'promhttp_metric_handler_requests_in_flight',
      help: 'Current number of scrapes being served, including this one.',
    }),
    sent: counter({
      name: 'promhttp_metric_handler_response_bytes_total',
      help: 'Total bytes sent in response bodies, after compression.',
      unit: 'bytes',
    }),
  };
  return {
    selfMetrics: selfMetrics(metrics, (write, _facts: undefined) => {
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

/** Counts a handler's requests; a streamed response counts once it is sent. */
export function counted(
  handle: (request: HttpRequest) => Promise<HttpResponse>,
  traffic: RequestMetrics,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async (request) => {
    traffic.began();
    let response: HttpResponse;
    try {
      response = await handle(request);
    } catch (error) {
      // 499 is nginx's status for a client that has disconnected.
      traffic.ended(request.signal.aborted ? 499 : 500, 0);
      throw error;
    }
    const { status, body, headers } = response;
    if (!isStreamed(body)) {
      traffic.ended(status, request.method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0));
      return response;
    }
    let bytes = 0;
    return {
      ...response,
      body: {
        page(index) {
          const page = body.page(index);
          bytes += page.bytes.length;
          return page;
        },
        done() {
          traffic.ended(status, bytes);
          body.done();
        },
      },
    };
  };
}
