import { messageOf } from '../../errors/thrown.ts';
import { checkClashes, checkGroup } from '../group.ts';
import { connectionTo } from '../http/connection.ts';
import { type EndpointOptions, endpointOf } from '../http/endpoint.ts';
import { send } from '../http/send.ts';
import { isPermanentFailure } from '../permanent-failure.ts';
import type { Delivery, Sink, SinkContext } from '../sink.ts';
import { type BatchLimits, batchesOf, loadSnappy } from './batches.ts';

/** Connection settings, time limits and request sizes for remote write. */
export interface RemoteWriteOptions extends EndpointOptions, Partial<BatchLimits> {
  /** Time limit for a whole delivery, attempts and pauses included; default 15 000. */
  readonly timeoutMs?: number;
  /** Time limit for one attempt, from the first byte sent to the last one read; default 10 000. */
  readonly attemptTimeoutMs?: number;
  /** The most series in one request; default 2000, as Prometheus sends. */
  readonly maxSeries?: number;
  /** The most bytes in one request, before compression; default 1 000 000. */
  readonly maxBytes?: number;
}

const HEADERS = {
  'content-encoding': 'snappy',
  'content-type': 'application/x-protobuf',
  'x-prometheus-remote-write-version': '0.1.0',
};

/**
 * Writes to an engine by Prometheus remote write 1.0: Prometheus (with `--web.enable-remote-write-receiver`), Mimir, Thanos,
 * VictoriaMetrics. For jobs that run long and push often: an engine returns a sample for five minutes, so for a daily job
 * query `last_over_time(job_success[2d])`, or push to a Pushgateway.
 *
 * Job and grouping become labels, and all samples of a delivery have the time of the delivery. An engine keeps series, no
 * groups: `replace` and `add` are the same here, and nothing is ever removed.
 *
 * Source: prometheus.io/docs/specs/prw/remote_write_spec.
 *
 * @example
 * const engine = remoteWrite('http://127.0.0.1:9090/api/v1/write', { bearerToken: { file: '/run/secrets/token' } });
 * await runJob(sync, { to: [engine] });
 * @throws TypeError for an invalid URL or option; its `deliver` rejects with the engine's own message, and with a permanent
 * failure when the engine rejects samples, such as those older than what it has.
 */
export function remoteWrite(url: string, options: RemoteWriteOptions = {}): Sink {
  const endpoint = endpointOf('remote write', url, 'http://host:9090/api/v1/write', options);
  const { timeoutMs = 15_000, attemptTimeoutMs = 10_000, maxSeries = 2000, maxBytes = 1_000_000 } = options;
  for (const [name, value] of Object.entries({ timeoutMs, attemptTimeoutMs, maxSeries, maxBytes })) {
    if (!(value >= 1)) throw new TypeError(`${endpoint.name}: ${name} must be at least 1, not ${value}.`);
  }
  let last = 0;

  async function write(delivery: Delivery, { signal }: SinkContext): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    checkGroup(delivery);
    checkClashes(delivery);
    // Always increasing, also for two quick deliveries or when the clock is set back a little.
    last = Math.max(Date.now(), last + 1);
    // Everything is encoded before anything is sent, so that an encoding error sends nothing.
    const batches = await batchesOf(delivery, last, { maxSeries, maxBytes }, signal);
    const connection = await connectionTo(endpoint);
    const refused: { readonly cause: unknown; readonly series: number }[] = [];
    for (const { body, series } of batches) {
      const message = { method: 'POST', headers: HEADERS, body } as const;
      const limits = { deadline, attemptMs: attemptTimeoutMs, signal };
      await send(connection, message, 'an engine', limits).catch((cause) => {
        // Samples in the other requests may still be accepted.
        if (!isPermanentFailure(cause)) throw cause;
        refused.push({ cause, series });
      });
    }
    const [first] = refused;
    if (first === undefined) return;
    if (batches.length === 1) throw first.cause;
    const series = refused.reduce((sum, batch) => sum + batch.series, 0);
    const share = `${refused.length} of ${batches.length} requests, with ${series} series`;
    throw new Error(`${share}, were not accepted; the first: ${messageOf(first.cause)}`, { cause: first.cause });
  }

  return {
    name: endpoint.name,
    modes: [],
    async check() {
      await loadSnappy().catch((cause) => {
        throw new Error(`${endpoint.name}: ${messageOf(cause)}`, { cause });
      });
    },
    async deliver(delivery, context) {
      try {
        await write(delivery, context);
      } catch (cause) {
        throw new Error(`${endpoint.name}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}
