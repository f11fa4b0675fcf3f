/** Modules without a config file: those of blackbox_exporter's example that need no settings. */
export const modules = {
  http_2xx: { prober: 'http' },
  http_post_2xx: { prober: 'http', http: { method: 'POST' } },
  tcp_connect: { prober: 'tcp' },
  tls_connect: { prober: 'tcp', tcp: { tls: true } },
  ssh_banner: { prober: 'tcp', tcp: { query_response: [{ expect: '^SSH-2.0-' }, { send: 'SSH-2.0-probe-exporter' }] } },
} as const;
