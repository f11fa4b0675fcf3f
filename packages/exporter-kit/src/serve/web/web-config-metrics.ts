import { type SelfMetrics, selfMetrics } from '../../collect/scrape/self-metrics.ts';
import { gauge } from '../../metric/declare.ts';
import type { Gauge } from '../../metric/metric.ts';
import { below, expiresWithin } from '../../metric/views.ts';
import type { WebConfigStore } from './web-config-store.ts';

type Plain = Gauge<readonly [value: number]>;

/** Declares the metrics about the web configuration, named `<namespace>_web_…`. */
export function webConfigFamilies(namespace: string): { readonly [K in 'successful' | 'at' | 'notAfter']: Plain } {
  const waive = "the prefix is the user's choice";
  const name = (rest: string): string => `${namespace}_web_${rest}`;
  return {
    successful: gauge({
      name: name('config_last_reload_successful'),
      help: 'Whether the last reload of the web configuration succeeded.',
      waive,
      alert: {
        name: 'WebConfigReloadFailed',
        when: below(1),
        for: '10m',
        summary: 'Web configuration was not reloaded.',
      },
    }),
    at: gauge({
      name: name('config_last_reload_success_timestamp_seconds'),
      help: 'Unix time of the last successful reload of the web configuration.',
      unit: 'seconds',
      waive,
    }),
    notAfter: gauge({
      name: name('certificate_not_after_timestamp_seconds'),
      help: 'Unix time when the TLS server certificate expires.',
      unit: 'seconds',
      waive,
      alert: {
        name: 'WebCertificateExpires',
        when: expiresWithin('7d'),
        for: '1h',
        summary: 'TLS certificate of the exporter expires soon.',
      },
    }),
  };
}

/** Metrics about the web configuration. */
export function webConfigMetrics(namespace: string, web: WebConfigStore): SelfMetrics<undefined> {
  return selfMetrics(webConfigFamilies(namespace), (write, _facts: undefined) => {
    write.successful.set(web.health.good ? 1 : 0);
    write.at.set(web.health.goodSince);
    const { secure } = web.state;
    if (secure !== undefined) write.notAfter.set(secure.notAfter);
  });
}
