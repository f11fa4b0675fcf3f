/// <reference types="node" preserve="true" />
import { connectionTo } from '../http/connection.ts';
import { endpointOf } from '../http/endpoint.ts';
import { send } from '../http/send.ts';
import { reportRefusals, type Sending, type SeriesSinkOptions, seriesSink } from '../http/series-sink.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, Sink, SinkContext } from '../sink.ts';
import { judgeExport } from './answer.ts';
import { requestsOf } from './requests.ts';

/** Connection settings, time limits and request sizes for OTLP. */
export interface OtlpOptions extends SeriesSinkOptions {
  /** The most data points in one request; default 2000. */
  readonly maxPoints?: number;
  /** Whether bodies are compressed; default `true`. */
  readonly gzip?: boolean;
  /**
   * Whether a histogram that has native buckets is sent as an exponential histogram; default `true`. Otherwise it is sent with
   * its classic buckets: OTLP has no place for both.
   */
  readonly nativeHistograms?: boolean;
}

/**
 * Sends to a receiver of OpenTelemetry's protocol, by HTTP with protobuf: an OpenTelemetry Collector, VictoriaMetrics
 * (`/opentelemetry/v1/metrics`), Prometheus (`/api/v1/otlp/v1/metrics`, with `--web.enable-otlp-receiver`). A URL without a
 * path gets `/v1/metrics`.
 *
 * The job is the resource's `service.name`, the grouping's `instance` its `service.instance.id`, and other labels of the
 * grouping are attributes of the resource. Names stay as they are; counters are monotonic cumulative sums. A receiver keeps
 * series, no groups: `replace` and `add` are the same here, and nothing is ever removed.
 *
 * Source: opentelemetry.io/docs/specs/otlp.
 *
 * @example
 * const collector = otlp('http://127.0.0.1:4318', { bearerToken: { file: '/run/secrets/token' } });
 * await runJob(sync, { to: [collector] });
 * @throws TypeError for an invalid URL or option; its `deliver` rejects with the receiver's own message, and with a permanent
 * failure when the receiver rejects data points.
 */
export function otlp(url: string, options: OtlpOptions = {}): Sink {
  const endpoint = endpointOf('otlp', url, 'http://host:4318/v1/metrics', options);
  const { maxPoints = 2000, gzip = true, nativeHistograms: natives = true } = options;
  if (endpoint.url.pathname === '/') endpoint.url.pathname = '/v1/metrics';
  const headers = { 'content-type': 'application/x-protobuf', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };

  async function exportAll(
    delivery: Delivery,
    { log, signal }: SinkContext,
    { limits, ...sizes }: Sending,
  ): Promise<void> {
    // Everything is encoded before anything is sent, so that an encoding error sends nothing.
    const requests = await requestsOf(delivery, { ...sizes, natives, gzip, maxPoints }, signal);
    const connection = await connectionTo(endpoint);
    const refusals: unknown[] = [];
    for (const { body, points } of requests) {
      const message = { method: 'POST', headers, body, hasAnswer: true } as const;
      try {
        const warning = await send(
          connection,
          message,
          (answer) => judgeExport(answer, points, connection.conceal),
          limits,
        );
        if (warning !== undefined) log.warn({ sink: endpoint.name, warning }, 'accepted with a warning');
      } catch (cause) {
        // Data points of the other requests may still be accepted.
        if (!isPermanentFailure(cause)) throw cause;
        refusals.push(cause);
      }
    }
    const share = `${refusals.length} of ${requests.length} requests were not accepted in full`;
    reportRefusals(refusals, requests.length, share);
  }

  return seriesSink(endpoint, options, { maxPoints }, exportAll);
}
