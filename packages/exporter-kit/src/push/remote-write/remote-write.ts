import { messageOf } from '../../errors/thrown.ts';
import { checkClashes, checkGroup } from '../group.ts';
import { type EndpointOptions, endpointOf } from '../http/endpoint.ts';
import type { Delivery, Sink, SinkContext } from '../sink.ts';
import { type BatchLimits, loadSnappy } from './batches.ts';
import type { Version } from './request.ts';
import { writeDelivery } from './write.ts';

/** Connection settings, time limits and request sizes for remote write. */
export interface RemoteWriteOptions extends EndpointOptions, Partial<BatchLimits> {
  /** Version of the protocol; default `auto`: 2.0, and 1.0 for an engine that does not take it. */
  readonly version?: 'auto' | Version;
  /**
   * Whether native histograms are written, beside their classic buckets. Default: by 2.0 they are; by 1.0 only those without
   * classic buckets, since not every engine that takes 1.0 stores them as such: VictoriaMetrics makes further `_bucket` series
   * of them.
   */
  readonly nativeHistograms?: boolean;
  /** Time limit for a whole delivery, attempts and pauses included; default 15 000. */
  readonly timeoutMs?: number;
  /** Time limit for one attempt, from the first byte sent to the last one read; default 10 000. */
  readonly attemptTimeoutMs?: number;
  /** The most series in one request; default 2000, as Prometheus sends. */
  readonly maxSeries?: number;
  /** The most bytes in one request, before compression; default 1 000 000. */
  readonly maxBytes?: number;
}

/**
 * Writes to an engine by Prometheus remote write 2.0 or 1.0: Prometheus (with `--web.enable-remote-write-receiver`), Mimir,
 * Thanos, VictoriaMetrics. For jobs that run long and push often: an engine returns a sample for five minutes, so for a daily job
 * query `last_over_time(job_success[2d])`, or push to a Pushgateway.
 *
 * Job and grouping become labels, and all samples of a delivery have the time of the delivery. An engine keeps series, no
 * groups: `replace` and `add` are the same here, and nothing is ever removed.
 *
 * 2.0 has what 1.0 lacks: types, units and help, the time from which a counter or histogram has counted, and names of any
 * character, which 1.0 writes with underscores. An engine that answers 415, or does not say how much it has written, gets the
 * same samples by 1.0, and from then on at once.
 *
 * Source: prometheus.io/docs/specs/prw/remote_write_spec and remote_write_spec_2_0.
 *
 * @example
 * const engine = remoteWrite('http://127.0.0.1:9090/api/v1/write', { bearerToken: { file: '/run/secrets/token' } });
 * await runJob(sync, { to: [engine] });
 * @throws TypeError for an invalid URL or option; its `deliver` rejects with the engine's own message, and with a permanent
 * failure when the engine rejects samples, such as those older than what it has.
 */
export function remoteWrite(url: string, options: RemoteWriteOptions = {}): Sink {
  const endpoint = endpointOf('remote write', url, 'http://host:9090/api/v1/write', options);
  const {
    version = 'auto',
    nativeHistograms,
    timeoutMs = 15_000,
    attemptTimeoutMs = 10_000,
    maxSeries = 2000,
    maxBytes = 1_000_000,
  } = options;
  for (const [name, value] of Object.entries({ timeoutMs, attemptTimeoutMs, maxSeries, maxBytes })) {
    if (!(value >= 1)) throw new TypeError(`${endpoint.name}: ${name} must be at least 1, not ${value}.`);
  }
  if (version !== 'auto' && version !== '1.0' && version !== '2.0')
    throw new TypeError(`${endpoint.name}: version must be auto, 1.0 or 2.0, not ${JSON.stringify(version)}.`);
  let last = 0;

  async function write(delivery: Delivery, context: SinkContext): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    checkGroup(delivery);
    checkClashes(delivery);
    // Always increasing, also for two quick deliveries or when the clock is set back a little.
    last = Math.max(Date.now(), last + 1);
    const how = { endpoint, version, nativeHistograms, deadline, attemptTimeoutMs, maxSeries, maxBytes };
    await writeDelivery(delivery, context, { ...how, timeMs: last });
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
