import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { findPeer, needPeers, runProgram, startListening } from 'test-servers';
import { afterAll, describe, expect, it } from 'vitest';
import { exporter, type Serving, serve } from '../../src/index.ts';
import { counting } from '../serving.ts';
import { askOnce, basic } from './ask.ts';
import { fileOf, HASH, PASSWORD, pki } from './made.ts';

// The same web configuration, and the same requests, to us and to a real node_exporter.

const here = needPeers('openssl', 'node_exporter');
const certs = here ? await pki() : undefined;
afterAll(() => certs?.remove());

const { ca = '', authority = '', server, selfSigned } = certs ?? {};
const client = here ? await certs!.signed('DNS:scraper.example,IP:127.0.0.9,email:a@b.example,URI:spiffe://x/y') : {};
const stranger = { cert: selfSigned?.cert, key: selfSigned?.key };
const tls = (more = ''): string =>
  `tls_server_config:\n  cert_file: ${server?.cert}\n  key_file: ${server?.key}\n${more.replace(/^/gm, '  ')}\n`;
const verifying = (more = ''): string =>
  tls(`client_auth_type: RequireAndVerifyClientCert\nclient_ca_file: ${ca}\n${more}`);
const users = `basic_auth_users:\n  alice: ${HASH}\n  bob: ${HASH}\n`;

const https = { ca: authority };
const [good, bad] = [basic('alice', PASSWORD), basic('alice', 'wrong')];

type Question = readonly [scheme: 'http' | 'https', options: RequestOptions, status: number | 'refused'];

interface Row {
  readonly name: string;
  readonly yaml: string;
  /** Each request, and what comes of it; nothing: it does not start. */
  readonly questions?: readonly Question[] | undefined;
  /** What we say when we refuse. */
  readonly says?: RegExp | undefined;
  /** Why we do better than Go where we do otherwise. */
  readonly better?: string | undefined;
  /** The node_exporter whose toolkit knows the keys. */
  readonly since?: string | undefined;
}

const ask = (status: Question[2], options: RequestOptions = {}): Question => [
  'https',
  { ...https, ...options },
  status,
];
const clear = (status: Question[2], options: RequestOptions = {}): Question => ['http', options, status];

const rows: Row[] = [
  // Good ones.
  { name: 'nothing', yaml: '', questions: [clear(200), ask('refused')] },
  { name: 'an empty section', yaml: 'tls_server_config:\n', questions: [clear(200)] },
  {
    name: 'TLS',
    yaml: tls(),
    questions: [ask(200), ask('refused', { ca: '' }), ask('refused', { maxVersion: 'TLSv1.1' })],
  },
  { name: 'TLS, asked in the clear', yaml: tls(), questions: [clear(400)] },
  {
    name: 'TLS 1.3 alone',
    yaml: tls('min_version: TLS13'),
    questions: [ask(200, { minVersion: 'TLSv1.3' }), ask('refused', { maxVersion: 'TLSv1.2' })],
  },
  {
    name: 'TLS 1.2 alone',
    yaml: tls('max_version: TLS12'),
    questions: [ask(200, { maxVersion: 'TLSv1.2' }), ask('refused', { minVersion: 'TLSv1.3' })],
  },
  {
    name: 'one suite',
    yaml: `${tls('max_version: TLS12\ncipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]')}http_server_config: {http2: false}`,
    questions: [
      ask(200, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }),
      ask('refused', { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }),
    ],
  },
  {
    name: 'suites do not choose among those of TLS 1.3',
    yaml: `${tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]')}http_server_config: {http2: false}`,
    questions: [ask(200, { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' })],
  },
  {
    name: 'a suite of TLS 1.3',
    yaml: `${tls('cipher_suites: [TLS_AES_128_GCM_SHA256]')}http_server_config: {http2: false}`,
    questions: [ask(200, { minVersion: 'TLSv1.3' }), ask('refused', { maxVersion: 'TLSv1.2' })],
  },
  {
    name: 'one curve',
    yaml: tls('curve_preferences: [CurveP384]'),
    questions: [ask(200, { ecdhCurve: 'secp384r1' }), ask('refused', { ecdhCurve: 'X25519' })],
  },
  {
    name: 'no preference of its own',
    yaml: tls('prefer_server_cipher_suites: false\nmax_version: TLS12'),
    questions: [ask(200)],
  },
  {
    name: 'words that YAML 1.1 has for true and false',
    yaml: `${tls('prefer_server_cipher_suites: yes')}http_server_config: {http2: off}`,
    questions: [ask(200)],
  },
  ...(['NoClientCert', 'RequestClientCert'] as const).map((type) => ({
    name: type,
    yaml: tls(`client_auth_type: ${type}`),
    questions: [ask(200), ask(200, client), ask(200, stranger)],
  })),
  ...(['RequireAnyClientCert', 'RequireClientCert'] as const).map((type) => ({
    name: type,
    yaml: tls(`client_auth_type: ${type}`),
    questions: [ask('refused'), ask(200, client), ask(200, stranger)],
  })),
  {
    name: 'VerifyClientCertIfGiven',
    yaml: tls(`client_auth_type: VerifyClientCertIfGiven\nclient_ca_file: ${ca}`),
    questions: [ask(200), ask(200, client), ask('refused', stranger)],
  },
  {
    name: 'RequireAndVerifyClientCert',
    yaml: verifying(),
    questions: [
      ask('refused'),
      ask(200, client),
      ask('refused', stranger),
      ask('refused', { ...client, maxVersion: 'TLSv1.1' }),
    ],
  },
  ...['scraper.example', '127.0.0.9', 'a@b.example', 'spiffe://x/y'].map((name) => ({
    name: `the allowed name ${name}`,
    yaml: verifying(`client_allowed_sans: [other.example, '${name}']`),
    questions: [ask(200, client)],
    since: '1.6.0',
  })),
  {
    name: 'other names than the allowed one',
    yaml: verifying('client_allowed_sans: [scraper, example, 127.0.0.1]'),
    questions: [ask('refused', client)],
    since: '1.6.0',
  },
  {
    name: 'users',
    yaml: users,
    questions: [
      clear(401),
      clear(200, { headers: good }),
      clear(401, { headers: bad }),
      clear(200, { headers: basic('bob', PASSWORD) }),
      clear(401, { headers: basic('nobody', PASSWORD) }),
      clear(401, { headers: basic('', PASSWORD) }),
      clear(401, { headers: basic('alice', '') }),
      clear(200, { headers: { authorization: good.authorization.replace('Basic', 'bAsIc') } }),
      clear(401, { headers: { authorization: 'Basic !!!' } }),
      clear(401, { headers: { authorization: `Bearer ${PASSWORD}` } }),
    ],
  },
  {
    name: 'users over TLS',
    yaml: tls() + users,
    questions: [ask(401), ask(200, { headers: good }), ask(401, { headers: bad })],
  },
  { name: 'no users', yaml: 'basic_auth_users:\n', questions: [clear(200)] },
  {
    name: 'headers',
    yaml: 'http_server_config:\n  headers:\n    X-Frame-Options: deny\n    Strict-Transport-Security: max-age=1\n    X-XSS-Protection: ""\n',
    questions: [clear(200)],
  },
  {
    name: 'a rate of one an hour, two at first',
    yaml: 'rate_limit: {interval: 1h, burst: 2}',
    questions: [clear(200), clear(200), clear(429)],
    since: '1.10.0',
  },
  {
    name: 'no rate',
    yaml: 'rate_limit: {interval: 0s, burst: 0}',
    questions: [clear(200), clear(200)],
    since: '1.10.0',
  },

  // Broken ones.
  ...(
    [
      ['no map', '- a\n', /:1: must be a map of keys and values/],
      ['a text', 'hunter2\n', /:1: must be a map/],
      ['no YAML', 'a: [1\n', /:\d: wrong indentation, or an unclosed bracket/],
      ['tabs', 'tls_server_config:\n\tcert_file: x\n', /:2: indented with tabs/],
      [
        'an unknown section',
        'tls_sever_config: {}',
        /:1: tls_sever_config: is unknown; did you mean tls_server_config\?/,
      ],
      ['an unknown key', tls('cert_fiel: x'), /:4: tls_server_config.cert_fiel: is unknown; did you mean cert_file\?/],
      ['a key of another case', 'Basic_Auth_Users: {}', /is unknown; did you mean basic_auth_users/],
      ['a key twice', tls('key_file: x'), /:4: tls_server_config.key_file: duplicate key, first on line 3/],
      ['a section twice', `${users}basic_auth_users: {}`, /basic_auth_users: duplicate key/],
      ['a user twice', `${users}  alice: ${HASH}`, /basic_auth_users.alice: duplicate key/],
      ['no certificate', `tls_server_config: {key_file: ${server?.key}}`, /cert_file: is missing/],
      ['no key', `tls_server_config: {cert_file: ${server?.cert}}`, /key_file: is missing/],
      ['an empty path', `tls_server_config: {cert_file: "", key_file: ${server?.key}}`, /cert_file: is missing/],
      ['neither, but a client_auth_type', 'tls_server_config: {client_auth_type: RequireAnyClientCert}', /is missing/],
      [
        'a path to nowhere',
        tls().replace(/cert_file: .*/, 'cert_file: /nowhere.pem'),
        /cannot read \/nowhere.pem: no such file/,
      ],
      ['a path to a directory', tls().replace(/cert_file: .*/, 'cert_file: /'), /cannot read \/: is a directory/],
      [
        'a certificate that is none',
        tls().replace(/cert_file: .*/, `cert_file: ${server?.key}`),
        /has no PEM certificate/,
      ],
      ['a key that is none', tls().replace(/key_file: .*/, `key_file: ${server?.cert}`), /has no PEM private key/],
      [
        'a key of another',
        tls().replace(/key_file: .*/, `key_file: ${selfSigned?.key}`),
        /does not match the certificate/,
      ],
      [
        'an unknown client_auth_type',
        tls('client_auth_type: RequireAndVerify'),
        /client_auth_type: must be one of NoClientCert, Req/,
      ],
      ['authorities for nothing', tls(`client_ca_file: ${ca}`), /client_auth_type: is NoClientCert, but client_ca/],
      ['authorities that are nowhere', verifying().replace(ca, '/nowhere'), /client_ca_file: cannot read/],
      ['an unknown version', tls('min_version: TLS14'), /min_version: must be one of TLS10, TLS11, TLS12, TLS13/],
      ['another spelling of a version', tls('min_version: TLSv1.2'), /min_version: must be one of/],
      [
        'an unknown suite',
        tls('cipher_suites: [TLS_RSA_WITH_NULL]'),
        /:4: tls_server_config.cipher_suites\[0\]: unsupported suite/,
      ],
      ["OpenSSL's name of a suite", tls('cipher_suites: [ECDHE-RSA-AES128-SHA]'), /cipher_suites\[0\]/],
      ['an unknown curve', tls('curve_preferences: [P256]'), /curve_preferences\[0\]: must be one of CurveP256/],
      ['a text for a list', tls('cipher_suites: TLS_AES_128_GCM_SHA256'), /cipher_suites: must be a list/],
      ['a text for true', 'http_server_config: {http2: maybe}', /http2: must be true or false/],
      ['an unknown header', 'http_server_config: {headers: {Server: x}}', /headers.Server: is unknown/],
      [
        'X-Frame-Options: allow',
        'http_server_config: {headers: {X-Frame-Options: allow}}',
        /must be deny or sameorigin/,
      ],
      [
        'another X-Content-Type-Options',
        'http_server_config: {headers: {X-Content-Type-Options: no}}',
        /must be nosniff/,
      ],
      ['a password in the clear', 'basic_auth_users: {alice: hunter2}', /basic_auth_users.alice: is not a bcrypt hash/],
      ['a user without a hash', 'basic_auth_users: {alice: }', /basic_auth_users.alice: is not a bcrypt hash/],
      ['a hash that is cut', `basic_auth_users: {alice: ${HASH.slice(0, 40)}}`, /is not a bcrypt hash/],
      ['users in a list', `basic_auth_users: [${HASH}]`, /basic_auth_users: must be a map/],
      ['a list for a hash', `basic_auth_users: {alice: [${HASH}]}`, /basic_auth_users.alice: must be a string/],
      [
        'an alias bomb',
        'a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]',
        /anchors and aliases/,
      ],
    ] as const
  ).map(([name, yaml, says]): Row => ({ name, yaml, says })),

  // Where we are stricter, or laxer, than Go, and why.
  {
    name: 'TLS without any certificate, but something in its section',
    yaml: 'tls_server_config: {min_version: TLS13}',
    says: /cert_file: is missing/,
    better: 'Go serves in the clear',
  },
  {
    name: 'authorities in a file without any',
    yaml: verifying().replace(ca, server?.key ?? ''),
    says: /has no PEM certificate/,
    better: 'Go starts, and lets nobody in',
  },
  {
    name: 'verifying without authorities',
    yaml: tls('client_auth_type: RequireAndVerifyClientCert'),
    says: /client_ca_file: is missing/,
    better: 'Go accepts what any public authority signs',
  },
  {
    name: 'an anchor',
    yaml: tls().replace('key_file: ', 'key_file: &k '),
    says: /anchors and aliases/,
    better: 'no bombs',
  },
  {
    name: 'a tag',
    yaml: tls().replace('key_file: ', 'key_file: !!str '),
    says: /tags are not allowed/,
    better: 'no surprises',
  },
  { name: 'a second document', yaml: `${users}---\n`, says: /second document/, better: 'Go ignores what stands there' },
  {
    name: 'TLS 1.1 at most',
    yaml: tls('min_version: TLS10\nmax_version: TLS11'),
    says: /max_version/,
    better: 'broken',
  },
  {
    name: 'max below min',
    yaml: tls('min_version: TLS13\nmax_version: TLS12'),
    says: /below/,
    better: 'nobody gets in',
  },
  {
    name: 'suites that HTTP/2 can not have, without HTTP/2 being asked for',
    yaml: tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]'),
    questions: [ask(200)],
    better: 'HTTP/2 is not on by itself',
  },
  {
    name: 'the same with HTTP/2',
    yaml: `${tls('cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]')}http_server_config: {http2: true}`,
    says: /cipher_suites: HTTP\/2 needs/,
  },
  {
    name: 'a rate without a burst',
    yaml: 'rate_limit: {interval: 1s}',
    says: /burst: must be 1 or more/,
    better: 'Go answers 429 to everyone',
    since: '1.10.0',
  },
  {
    name: 'names that no client is asked for',
    yaml: tls('client_allowed_sans: [a.example]'),
    says: /client_auth_type: is NoClientCert, but client_allowed_sans/,
    better: 'Go lets everybody in',
    since: '1.6.0',
  },
];

/** The address, or why it did not start. */
type Started = { readonly url: string; stop(): Promise<unknown> } | { readonly refused: string };

async function ours(file: string): Promise<Started> {
  let server: Serving;
  try {
    server = await serve(exporter({ name: 'test_exporter', collectors: [counting('c').made] }), { web: file });
  } catch (error) {
    return { refused: (error as Error).message };
  }
  return { url: new URL(server.url).host, stop: () => server.close(0) };
}

const flags = ['--collector.disable-defaults', '--collector.time'];

async function theirs(file: string): Promise<Started> {
  try {
    const { address, program } = await startListening({
      command: findPeer('node_exporter')!,
      isReady: isServing,
      flags: (at) => [...flags, `--web.listen-address=${at}`, `--web.config.file=${file}`],
    });
    return { url: address, stop: () => program.stop('SIGKILL') };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/** Any answer: to what is no HTTP, so that no handler and no rate limit sees it. */
function isServing(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.write('GET / nonsense\r\n\r\n'));
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(false));
  });
}

async function verdict(started: Started, { questions = [] }: Row): Promise<unknown[]> {
  if ('refused' in started) return ['does not start'];
  const found: unknown[] = [];
  for (const [scheme, options] of questions) {
    const files = await filesOf(options);
    const { status } = await askOnce(`${scheme}://${started.url}/metrics`, { ...options, ...files });
    found.push(status);
  }
  await started.stop();
  return found;
}

/** Certificates may be given as paths. */
async function filesOf({ cert, key }: RequestOptions): Promise<RequestOptions> {
  if (typeof cert !== 'string' || !cert.startsWith('/')) return {};
  return { cert: await readFile(cert), key: await readFile(String(key)) };
}

const expected = ({ questions }: Row): unknown[] => questions?.map(([, , status]) => status) ?? ['does not start'];

async function versionOfPeer(): Promise<string> {
  const { stdout, stderr } = await runProgram(['--version'], { command: findPeer('node_exporter')! });
  return /version (\S+)/.exec(stdout + stderr)?.[1] ?? '0';
}

const isSince = (version: string, since: string): boolean => version.localeCompare(since, 'en', { numeric: true }) >= 0;

describe.skipIf(!here)('the same web configuration', async () => {
  const peer = here ? await versionOfPeer() : '0';

  it.each(rows)('$name', async (row) => {
    const file = fileOf(row.yaml);
    const us = await ours(file);
    expect(await verdict(us, row)).toEqual(expected(row));
    if ('refused' in us) {
      expect(us.refused).toMatch(row.says ?? /^$/);
      expect(us.refused.startsWith(`${file}:`)).toBe(true);
      expect(us.refused).not.toMatch(/\n|hunter2|\$2[aby]\$|PRIVATE/);
    }
    if (!isSince(peer, row.since ?? '0')) return;
    const they = await verdict(await theirs(file), row);
    if (row.better === undefined) expect(they).toEqual(expected(row));
    else expect(they, row.better).not.toEqual(expected(row));
  });
});
