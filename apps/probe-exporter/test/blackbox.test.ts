import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Family, parseText } from 'exporter-kit/exposition';
import {
  type BlackboxExporter,
  type Certificates,
  makeCertificates,
  needPeers,
  type Program,
  startBlackboxExporter,
  startProgram,
} from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  http2Site,
  httpSite,
  httpsSite,
  nameServer,
  smtpServer,
  sshServer,
  type Target,
  tlsServer,
} from './targets.ts';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

// Only ours, not blackbox_exporter 0.28's: the cipher suite of tcp probes over TLS.
const more = (module: string): RegExp => (module.startsWith('http') ? /^$/ : /^probe_tls_cipher_info$/);
const times = /^probe_(duration|http_duration|dns_duration|dns_lookup_time)_seconds$/;

const tls = (ca: string) => ({ tls_config: { ca_file: ca } });
const startTls = [
  { expect: '^220 ([^ ]+) ESMTP' },
  { send: 'EHLO prober' },
  { expect: '^250[ -]STARTTLS' },
  { send: 'STARTTLS' },
  { expect: '^220' },
  { starttls: true },
];
const modulesWith = (ca: string): Record<string, object> => ({
  http_2xx: { prober: 'http', http: tls(ca) },
  http_4xx: { prober: 'http', http: { valid_status_codes: [404] } },
  http_strict: { prober: 'http', http: { ...tls(ca), fail_if_ssl: true, valid_http_versions: ['HTTP/1.0'] } },
  http_insecure: { prober: 'http', http: { tls_config: { insecure_skip_verify: true }, fail_if_not_ssl: true } },
  http_not_ssl: { prober: 'http', http: { fail_if_not_ssl: true } },
  http_stay: { prober: 'http', http: { follow_redirects: false, valid_status_codes: [302] } },
  http_body: { prober: 'http', http: { fail_if_body_matches_regexp: ['(?i)WORLD$'] } },
  http_no_body: { prober: 'http', http: { fail_if_body_not_matches_regexp: ['hello', 'universe'] } },
  http_header: { prober: 'http', http: { fail_if_header_not_matches: [{ header: 'X-Colour', regexp: '^red' }] } },
  http_good_header: { prober: 'http', http: { fail_if_header_not_matches: [{ header: 'X-Colour', regexp: '^blue' }] } },
  http_post: {
    prober: 'http',
    http: {
      method: 'POST',
      body: '{}',
      headers: { Host: 'other.example' },
      basic_auth: { username: 'me', password: 'hunter2' },
      fail_if_body_not_matches_regexp: ['^POST\nother\\.example\nBasic bWU6aHVudGVyMg==\n\\{\\}$'],
    },
  },
  http_quick: { prober: 'http', timeout: '300ms' },
  http_small: { prober: 'http', http: { body_size_limit: '4B' } },
  tcp_connect: { prober: 'tcp' },
  ssh_banner: { prober: 'tcp', tcp: { query_response: [{ expect: '^SSH-2.0-([^ -]+)' }, { send: 'SSH-2.0-$1' }] } },
  no_banner: { prober: 'tcp', tcp: { query_response: [{ expect: '^SSH-2.0-' }, { send: 'x' }, { expect: '^IMAP' }] } },
  smtp: {
    prober: 'tcp',
    tcp: {
      ...tls(ca),
      query_response: [...startTls, { send: 'EHLO again' }, { expect: '^250 secure' }],
    },
  },
  tls_connect: { prober: 'tcp', tcp: { tls: true, ...tls(ca) } },
  tls_12: { prober: 'tcp', tcp: { tls: true, tls_config: { ca_file: ca, max_version: 'TLS12' } } },
  tls_untrusted: { prober: 'tcp', tcp: { tls: true } },
  tls_banner: { prober: 'tcp', tcp: { tls: true, query_response: [{ expect: '^never' }] } },
  starttls_untrusted: { prober: 'tcp', tcp: { query_response: [...startTls, { expect: '^250 secure' }] } },
  bytes: { prober: 'tcp', tcp: { query_response: [{ expect_bytes: 'welcome' }] } },
  other_bytes: { prober: 'tcp', tcp: { query_response: [{ expect_bytes: 'IMAP' }] } },
  dns_a: { prober: 'dns', dns: { query_name: 'example.org', query_type: 'A' } },
  dns_tcp: { prober: 'dns', dns: { query_name: 'example.org', query_type: 'A', transport_protocol: 'tcp' } },
  dns_soa: { prober: 'dns', dns: { query_name: 'example.org', query_type: 'SOA' } },
  dns_any: { prober: 'dns', dns: { query_name: 'example.org' } },
  dns_none: { prober: 'dns', dns: { query_name: 'nowhere.org', query_type: 'A' } },
  dns_nxdomain: { prober: 'dns', dns: { query_name: 'nowhere.org', query_type: 'A', valid_rcodes: ['NXDOMAIN'] } },
  dns_matching: {
    prober: 'dns',
    dns: {
      query_name: 'example.org',
      query_type: 'A',
      validate_answer_rrs: {
        fail_if_not_matches_regexp: ['^example\\.org\\.\t3600\tIN\tA\t192\\.0\\.2\\.[12]$'],
        fail_if_matches_regexp: ['127\\.0\\.0\\.1'],
      },
      validate_authority_rrs: { fail_if_none_matches_regexp: ['\tNS\tns\\.example\\.org\\.$'] },
      validate_additional_rrs: { fail_if_all_match_regexp: ['192\\.0\\.2\\.9$'] },
    },
  },
  dns_not_matching: {
    prober: 'dns',
    dns: { query_name: 'example.org', query_type: 'A', validate_answer_rrs: { fail_if_matches_regexp: ['192.0.2.2'] } },
  },
});

describe.skipIf(!needPeers('blackbox_exporter', 'openssl'))('beside blackbox_exporter', () => {
  let theirs: BlackboxExporter;
  let ours: Program;
  let certificates: Certificates;
  let folder: string;
  const targets: { [name: string]: Target } = {};

  beforeAll(async () => {
    certificates = await makeCertificates();
    const { server } = certificates;
    targets.http = await httpSite();
    targets.https = await httpsSite(server);
    targets.http2 = await http2Site(server);
    targets.ssh = await sshServer();
    targets.smtp = await smtpServer(server);
    targets.tls = await tlsServer(server);
    targets.dns = await nameServer();
    folder = await mkdtemp(join(tmpdir(), 'probe-exporter-'));
    const modules = modulesWith(certificates.ca);
    const file = join(folder, 'blackbox.yml');
    await writeFile(file, JSON.stringify({ modules }));
    theirs = await startBlackboxExporter(modules);
    const flags = ['--web.listen-address=127.0.0.1:0', `--config.file=${file}`, '--probe.allow=127.0.0.0/8'];
    ours = await startProgram([main, ...flags], { until: /address=(\S+)/ });
  });
  afterAll(async () => {
    await Promise.all([theirs?.stop(), ours?.stop()]);
    for (const target of Object.values(targets)) target.close();
    await certificates?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it.each<[module: string, target: string, success: 0 | 1]>([
    ['http_2xx', 'http://HTTP/', 1],
    ['http_2xx', 'HTTP', 1],
    ['http_2xx', 'http://localhost:PORT/', 1],
    ['http_2xx', 'http://HTTP/chunked', 1],
    ['http_2xx', 'http://HTTP/empty', 1],
    ['http_2xx', 'http://HTTP/redirect', 1],
    ['http_2xx', 'http://HTTP/twice', 1],
    ['http_2xx', 'http://HTTP/loop', 0],
    ['http_2xx', 'http://HTTP/nowhere', 0],
    ['http_2xx', 'http://127.0.0.1:1/', 0],
    ['http_4xx', 'http://HTTP/nowhere', 1],
    ['http_stay', 'http://HTTP/redirect', 1],
    ['http_body', 'http://HTTP/', 0],
    ['http_no_body', 'http://HTTP/', 0],
    ['http_header', 'http://HTTP/', 0],
    ['http_good_header', 'http://HTTP/', 1],
    ['http_body', 'http://127.0.0.1:1/', 0],
    ['http_no_body', 'http://127.0.0.1:1/', 0],
    ['http_header', 'http://127.0.0.1:1/', 0],
    ['http_not_ssl', 'http://127.0.0.1:1/', 0],
    ['http_no_body', 'https://HTTPS/', 0],
    ['http_header', 'http://HTTP/nowhere', 0],
    ['http_body', 'http://HTTP/loop', 0],
    ['http_post', 'http://HTTP/echo', 1],
    ['http_not_ssl', 'http://HTTP/', 0],
    ['http_quick', 'http://HTTP/slow', 0],
    ['http_small', 'http://HTTP/', 0],
    ['http_2xx', 'https://HTTPS/', 1],
    ['http_2xx', 'https://localhost:HTTPSPORT/twice', 1],
    ['http_strict', 'https://HTTPS/', 0],
    ['http_insecure', 'https://HTTPS/', 1],
    ['http_4xx', 'https://HTTPS/', 0],
    ['http_2xx', 'https://HTTP2/', 1],
    ['http_2xx', 'https://HTTP2/twice', 1],
    ['http_2xx', 'https://HTTP2/chunked', 1],
    ['tcp_connect', 'HTTP', 1],
    ['tcp_connect', '127.0.0.1:1', 0],
    ['tcp_connect', 'nonsense', 0],
    ['ssh_banner', 'SSH', 1],
    ['no_banner', 'SSH', 0],
    ['no_banner', '127.0.0.1:1', 0],
    ['no_banner', 'nonsense', 0],
    ['bytes', 'SSH', 1],
    ['other_bytes', 'SSH', 0],
    ['other_bytes', '127.0.0.1:1', 0],
    ['smtp', 'SMTP', 1],
    ['smtp', '127.0.0.1:1', 0],
    ['starttls_untrusted', 'SMTP', 0],
    ['tls_connect', 'TLS', 1],
    ['tls_connect', 'localhost:TLSPORT', 1],
    ['tls_12', 'TLS', 1],
    ['tls_untrusted', 'TLS', 0],
    ['tls_banner', 'TLS', 0],
    ['tls_banner', 'SSH', 0],
    ['tls_connect', '127.0.0.1:1', 0],
    ['dns_a', 'DNS', 1],
    ['dns_tcp', 'DNS', 1],
    ['dns_soa', 'DNS', 1],
    ['dns_any', 'DNS', 1],
    ['dns_none', 'DNS', 0],
    ['dns_nxdomain', 'DNS', 1],
    ['dns_matching', 'DNS', 1],
    ['dns_not_matching', 'DNS', 0],
    ['dns_a', '127.0.0.1:1', 0],
    ['dns_tcp', '127.0.0.1:1', 0],
    ['dns_matching', '127.0.0.1:1', 0],
  ])('%s of %s returns the same', async (module, shape, success) => {
    const target = filled(shape);
    const headers = { 'x-prometheus-scrape-timeout-seconds': '5' };
    const query = new URLSearchParams({ module, target });
    const [mine, other] = await Promise.all(
      [ours.match[1]!, `${theirs.url}/`].map(async (url) => {
        const answer = await fetch(`${url}probe?${query}`, { headers });
        expect(answer.status).toBe(200);
        return factsOf(parseText(await answer.text()), more(module));
      }),
    );
    expect(mine).toEqual(other);
    expect(mine!.get('probe_success')?.values).toEqual({ '{}': success });
  });

  /** Replaces a target's name by its address, or with `PORT` after it by its port. */
  function filled(shape: string): string {
    const name = /HTTPS|HTTP2|HTTP|SSH|SMTP|TLS|DNS|$/.exec(shape)![0].toLowerCase();
    const target = targets[name];
    if (target === undefined) return shape.replace('PORT', String(targets.http!.port));
    return shape.replace(`${name.toUpperCase()}PORT`, String(target.port)).replace(name.toUpperCase(), target.address);
  }
});

interface Facts {
  readonly kind: string;
  /** Values by labels; durations are replaced by a placeholder. */
  readonly values: { readonly [labels: string]: number | 'a time' };
}

function factsOf(families: readonly Family[], without: RegExp): Map<string, Facts> {
  const facts = families
    .filter(({ name }) => !without.test(name))
    .map(({ name, kind, samples }): [string, Facts] => {
      const values = samples.map(({ labels, value }) => {
        const sorted = Object.entries(labels).sort();
        const isTime = times.test(name) && value >= 0 && value < 10;
        return [JSON.stringify(Object.fromEntries(sorted)), isTime ? ('a time' as const) : value];
      });
      return [name, { kind, values: Object.fromEntries(values) }];
    });
  return new Map(facts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
