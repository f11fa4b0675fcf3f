import { messageOf } from '../../errors/thrown.ts';
import { checkClashes, checkGroup } from '../group.ts';
import { connectionTo } from '../http/connection.ts';
import { type EndpointOptions, endpointOf } from '../http/endpoint.ts';
import { send } from '../http/send.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, Sink, SinkContext } from '../sink.ts';
import { judgeExport } from './answer.ts';
import { type Request, type RequestLimits, requestsOf } from './requests.ts';

/** Connection settings, time limits and request sizes for OTLP. */
export interface OtlpOptions extends EndpointOptions, Partial<RequestLimits> {
  /** Time limit for a whole delivery, attempts and pauses included; default 15 000. */
  readonly timeoutMs?: number;
  /** Time limit for one attempt, from the first byte sent to the last one read; default 10 000. */
  readonly attemptTimeoutMs?: number;
  /** The most data points in one request; default 2000. */
  readonly maxPoints?: number;
  /** The most bytes in one request, before compression; default 1 000 000. */
  readonly maxBytes?: number;
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
  const { timeoutMs = 15_000, attemptTimeoutMs = 10_000, maxPoints = 2000, maxBytes = 1_000_000 } = options;
  const { gzip = true, nativeHistograms: natives = true } = options;
  for (const [name, value] of Object.entries({ timeoutMs, attemptTimeoutMs, maxPoints, maxBytes })) {
    if (!(value >= 1)) throw new TypeError(`${endpoint.name}: ${name} must be at least 1, not ${value}.`);
  }
  if (endpoint.url.pathname === '/') endpoint.url.pathname = '/v1/metrics';
  const headers = { 'content-type': 'application/x-protobuf', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };
  let last = 0;

  async function exportAll(delivery: Delivery, { log, signal }: SinkContext): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    checkGroup(delivery);
    checkClashes(delivery);
    // Always increasing, also for two quick deliveries or when the clock is set back a little.
    last = Math.max(Date.now(), last + 1);
    // Everything is encoded before anything is sent, so that an encoding error sends nothing.
    const requests = await requestsOf(delivery, { timeMs: last, natives, gzip, maxPoints, maxBytes }, signal);
    const connection = await connectionTo(endpoint);
    const limits = { deadline, attemptMs: attemptTimeoutMs, signal };
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
    report(requests, refusals);
  }

  return {
    name: endpoint.name,
    modes: [],
    async deliver(delivery, context) {
      try {
        await exportAll(delivery, context);
      } catch (cause) {
        throw new Error(`${endpoint.name}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

/** @throws Error for what was refused, with its share. */
function report(requests: readonly Request[], refusals: readonly unknown[]): void {
  const [cause] = refusals;
  if (cause === undefined) return;
  if (requests.length === 1) throw cause;
  const share = `${refusals.length} of ${requests.length} requests were not accepted in full`;
  throw new Error(`${share}; the first: ${messageOf(cause)}`, { cause });
}
