import { gauge, type Probe, probe } from 'exporter-kit';
import { parseHttpDate } from 'exporter-kit/http-client';
import { addressMetrics, type Chosen, chooseAddress } from '../net/address.ts';
import { tlsMetrics, writeTls } from '../net/certificates.ts';
import { httpConfig } from './config.ts';
import { type Journey, travel } from './journey.ts';
import { type Judgement, judge } from './judge.ts';
import { phases, stopwatch } from './phases.ts';
import { orByProxy } from './proxy.ts';
import type { HttpResponse } from './round-trip.ts';

/** Requests a URL, follows redirects, and validates the response. */
export const http: Probe = probe({
  name: 'http',
  config: httpConfig,
  metrics: {
    ...addressMetrics,
    ...tlsMetrics,
    duration: gauge({
      name: 'probe_http_duration_seconds',
      help: 'Duration of the request by phase, summed over redirects.',
      unit: 'seconds',
      labels: { phase: phases },
    }),
    status: gauge({ name: 'probe_http_status_code', help: 'Status of the last response; 0 without one.' }),
    contentLength: gauge({
      name: 'probe_http_content_length',
      help: 'Content-Length of the last response; -1 if it is unknown.',
    }),
    bodyLength: gauge({
      name: 'probe_http_uncompressed_body_length',
      help: 'Length of the last body after decompression, in bytes.',
    }),
    redirects: gauge({ name: 'probe_http_redirects', help: 'Number of redirects.' }),
    ssl: gauge({ name: 'probe_http_ssl', help: 'Whether the last response came over TLS.' }),
    version: gauge({ name: 'probe_http_version', help: 'HTTP version of the last response.' }),
    regex: gauge({
      name: 'probe_failed_due_to_regex',
      help: 'Whether the probe failed because of a regular expression.',
    }),
    lastModified: gauge({
      name: 'probe_http_last_modified_timestamp_seconds',
      help: 'Last-Modified of the last response, in Unix time.',
      unit: 'seconds',
    }),
  },
  async probe(write, context) {
    const { target, config, resolve } = context;
    const watch = stopwatch();
    const journey: Journey = { response: undefined, redirects: 0, stopped: false };
    let address: Chosen | undefined;
    let resolved = false;
    let judgement: Judgement = { bodyLength: 0, regex: false, failures: [] };
    try {
      const url = urlOf(target);
      address = await orByProxy(() => chooseAddress(write, resolve, url, config), url, config);
      watch.add('resolve', address?.lookupSeconds ?? 0);
      resolved = true;
      await travel(url, address, context, watch, journey);
      judgement = await judge(journey.response!, journey, config);
      watch.end();
    } finally {
      // Without an address, there are no other phases.
      for (const phase of !resolved ? (['resolve'] as const) : phases) {
        write.duration.set({ phase }, watch.seconds(phase));
      }
      const { response, redirects } = journey;
      write.status.set(response?.status ?? 0);
      write.contentLength.set(response === undefined ? 0 : lengthOf(response));
      write.bodyLength.set(judgement.bodyLength);
      write.redirects.set(redirects);
      write.ssl.set(response?.tls === undefined ? 0 : 1);
      write.version.set(Number(response?.version.replace('HTTP/', '') ?? 0));
      write.regex.set(judgement.regex ? 1 : 0);
      const modified = parseHttpDate(response?.header('last-modified')[0] ?? '');
      if (modified !== undefined) write.lastModified.set(modified / 1000);
      if (response?.tls !== undefined) writeTls(write, response.tls, !config.tls_config.insecure_skip_verify);
      response?.close();
    }
    if (judgement.failures.length > 0) throw new Error(judgement.failures.join('; '));
  },
});

/** Adds `http://` to a target without a scheme. */
function urlOf(target: string): URL {
  const text = /^https?:\/\//i.test(target) ? target : `http://${target}`;
  if (!URL.canParse(text)) throw new Error('the target is not a URL; write https://example.com/ or example.com');
  return new URL(text);
}

function lengthOf({ status, header }: HttpResponse): number {
  if (status < 200 || status === 204 || status === 304) return 0;
  return Number(header('content-length')[0]?.split(',')[0] || -1);
}
