/// <reference types="node" preserve="true" />
import { messageOf } from '../../errors/thrown.ts';
import { endpointOf } from '../http/endpoint.ts';
import { type SeriesSinkOptions, seriesSink } from '../http/series-sink.ts';
import type { Sink } from '../sink.ts';
import { loadSnappy } from './batches.ts';
import type { Version } from './request.ts';
import { writeDelivery } from './write.ts';

/** Connection settings, time limits and request sizes for remote write. */
export interface RemoteWriteOptions extends SeriesSinkOptions {
  /** Version of the protocol; default `auto`: 2.0, and 1.0 for an engine that does not take it. */
  readonly version?: 'auto' | Version;
  /**
   * Whether native histograms are written, beside their classic buckets. Default: by 2.0 they are; by 1.0 only those without
   * classic buckets, since not every engine that takes 1.0 stores them as such: VictoriaMetrics makes further `_bucket` series
   * of them.
   */
  readonly nativeHistograms?: boolean;
  /** The most series in one request; default 2000, as Prometheus sends. */
  readonly maxSeries?: number;
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
 * A request of 2.0 has each text once, so it is a third of 1.0's before compression, where there are many series of few
 * families. Compressed, it is a little smaller there, and larger for few series of many families, whose help 1.0 lacks.
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
  const { version = 'auto', nativeHistograms, maxSeries = 2000 } = options;
  if (version !== 'auto' && version !== '1.0' && version !== '2.0')
    throw new TypeError(`${endpoint.name}: version must be auto, 1.0 or 2.0, not ${JSON.stringify(version)}.`);
  const sink = seriesSink(endpoint, options, { maxSeries }, (delivery, context, sending) =>
    writeDelivery(delivery, context, { ...sending, endpoint, version, nativeHistograms, maxSeries }),
  );
  return {
    ...sink,
    async check() {
      await loadSnappy().catch((cause) => {
        throw new Error(`${endpoint.name}: ${messageOf(cause)}`, { cause });
      });
    },
  };
}
