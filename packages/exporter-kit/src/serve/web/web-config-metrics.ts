import { type About, about } from '../../collect/scrape/self-metrics.ts';
import { gauge } from '../../metric/declare.ts';
import type { WebConfigStore } from './web-config-store.ts';

/** What is to be known of a web configuration, as families below `<namespace>_web_`. */
export function webConfigMetrics(namespace: string, web: WebConfigStore): About<undefined> {
  const waive = "the prefix is the user's choice";
  const name = (rest: string): string => `${namespace}_web_${rest}`;
  const metrics = {
    successful: gauge({
      name: name('config_last_reload_successful'),
      help: 'Whether the web configuration and its files were good when they were last read.',
      waive,
    }),
    at: gauge({
      name: name('config_last_reload_success_timestamp_seconds'),
      help: 'When they were last read well, in Unix time.',
      unit: 'seconds',
      waive,
    }),
    notAfter: gauge({
      name: name('certificate_not_after_timestamp_seconds'),
      help: 'When the TLS certificate that is served expires, in Unix time.',
      unit: 'seconds',
      waive,
    }),
  };
  return about(metrics, (write, _facts: undefined) => {
    write.successful.set(web.health.good ? 1 : 0);
    write.at.set(web.health.goodSince);
    const { secure } = web.state;
    if (secure !== undefined) write.notAfter.set(secure.notAfter);
  });
}
