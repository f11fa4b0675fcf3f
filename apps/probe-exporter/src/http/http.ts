import { gauge, type Probe, probe } from 'exporter-kit';
import { parseHttpDate } from 'exporter-kit/http';
import { addressMetrics, type Chosen, chooseAddress } from '../net/address.ts';
import { tlsMetrics, writeTls } from '../net/certificates.ts';
import { httpConfig } from './config.ts';
import { type Journey, travel } from './journey.ts';
import { type Judgement, judge } from './judge.ts';
import { phases, stopwatch } from './phases.ts';
import { orByProxy } from './proxy.ts';
import type { Reply } from './round-trip.ts';

/** Asks a URL, follows redirects, and judges what comes back. */
export const http: Probe = probe({
  name: 'http',
  config: httpConfig,
  metrics: {
    ...addressMetrics,
    ...tlsMetrics,
    duration: gauge({
      name: 'probe_http_duration_seconds',
      help: 'Time each phase took, over all redirects.',
      unit: 'seconds',
      labels: { phase: phases },
    }),
    status: gauge({ name: 'probe_http_status_code', help: 'Status of the last answer; 0 when there was none.' }),
    contentLength: gauge({
      name: 'probe_http_content_length',
      help: 'Content-Length of the last answer; -1 when it had none.',
    }),
    bodyLength: gauge({
      name: 'probe_http_uncompressed_body_length',
      help: 'Length of the last body, decompressed, in bytes.',
    }),
    redirects: gauge({ name: 'probe_http_redirects', help: 'Redirects that were met.' }),
    ssl: gauge({ name: 'probe_http_ssl', help: 'Whether the last answer came over TLS.' }),
    version: gauge({ name: 'probe_http_version', help: 'Version of HTTP of the last answer.' }),
    regex: gauge({
      name: 'probe_failed_due_to_regex',
      help: 'Whether it failed because of a regular expression.',
    }),
    lastModified: gauge({
      name: 'probe_http_last_modified_timestamp_seconds',
      help: 'When the last answer says that it was modified.',
      unit: 'seconds',
    }),
  },
  async probe(write, context) {
    const { target, config, resolve } = context;
    const watch = stopwatch();
    const journey: Journey = { reply: undefined, redirects: 0, stopped: false };
    let address: Chosen | undefined;
    let resolved = false;
    let judgement: Judgement = { bodyLength: 0, regex: false, failures: [] };
    try {
      const url = urlOf(target);
      address = await orByProxy(() => chooseAddress(write, resolve, url, config), url, config);
      watch.add('resolve', address?.lookupSeconds ?? 0);
      resolved = true;
      await travel(url, address, context, watch, journey);
      judgement = await judge(journey.reply!, journey, config);
      watch.end();
    } finally {
      // Of a target without an address there are no other phases.
      for (const phase of !resolved ? (['resolve'] as const) : phases) {
        write.duration.set({ phase }, watch.seconds(phase));
      }
      const { reply, redirects } = journey;
      write.status.set(reply?.status ?? 0);
      write.contentLength.set(reply === undefined ? 0 : lengthOf(reply));
      write.bodyLength.set(judgement.bodyLength);
      write.redirects.set(redirects);
      write.ssl.set(reply?.tls === undefined ? 0 : 1);
      write.version.set(Number(reply?.version.replace('HTTP/', '') ?? 0));
      write.regex.set(judgement.regex ? 1 : 0);
      const modified = parseHttpDate(reply?.header('last-modified')[0] ?? '');
      if (modified !== undefined) write.lastModified.set(modified / 1000);
      if (reply?.tls !== undefined) writeTls(write, reply.tls, !config.tls_config.insecure_skip_verify);
      reply?.close();
    }
    if (judgement.failures.length > 0) throw new Error(judgement.failures.join('; '));
  },
});

/** A target without a scheme means http. */
function urlOf(target: string): URL {
  const text = /^https?:\/\//i.test(target) ? target : `http://${target}`;
  if (!URL.canParse(text)) throw new Error('this target is no URL; write https://example.com/ or example.com');
  return new URL(text);
}

function lengthOf({ status, header }: Reply): number {
  if (status < 200 || status === 204 || status === 304) return 0;
  return Number(header('content-length')[0]?.split(',')[0] || -1);
}
