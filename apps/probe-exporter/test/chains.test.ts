import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type SecureVersion, type Server } from 'node:tls';
import { parseText } from 'exporter-kit/exposition';
import { probed } from 'exporter-kit/testing';
import { type BlackboxExporter, needPeers, startBlackboxExporter } from 'test-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tcp } from '../src/tcp/tcp.ts';

// Chains as real servers send them, reported by us and by a real blackbox_exporter.

const folder = mkdtempSync(join(tmpdir(), 'chains-'));
const at = (name: string, ending: string): string => join(folder, `${name}.${ending}`);
const pem = (...names: string[]): string => names.map((name) => readFileSync(at(name, 'pem'), 'utf8')).join('');

/** Creates a certificate for its own or another's key, signed by `by` or self-signed. */
function make(name: string, days: number, { by, keyOf = name, leaf = false, subject = keyOf }: Making = {}): void {
  const key = at(keyOf, 'key');
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (keyOf === name) run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key);
  const signed = by === undefined ? [] : ['-CA', at(by.cert, 'pem'), '-CAkey', at(by.key ?? by.cert, 'key')];
  const constraints = leaf ? 'CA:false' : 'CA:true';
  const names = leaf ? ['-addext', 'subjectAltName=IP:127.0.0.1'] : ['-addext', 'keyUsage=critical,keyCertSign'];
  run(
    ...['req', '-x509', '-new', '-days', String(days), '-subj', `/CN=${subject}`, '-key', key],
    ...['-out', at(name, 'pem'), ...signed, '-addext', `basicConstraints=critical,${constraints}`, ...names],
  );
}

interface Making {
  readonly by?: { readonly cert: string; readonly key?: string };
  readonly keyOf?: string;
  readonly leaf?: boolean;
  readonly subject?: string;
}

const daysLeft = (seconds: number | undefined): number => Math.round((seconds! - Date.now() / 1000) / 86_400);

describe.skipIf(!needPeers('openssl', 'blackbox_exporter'))('certificates beside blackbox_exporter', () => {
  let theirs: BlackboxExporter;
  const servers: Server[] = [];

  beforeAll(async () => {
    make('old-root', 40);
    make('new-root', 400);
    make('issuer', 200, { by: { cert: 'new-root' } });
    make('issuer-by-old', 20, { keyOf: 'issuer', by: { cert: 'old-root' } });
    make('new-root-by-old', 30, { keyOf: 'new-root', by: { cert: 'old-root' } });
    make('leaf', 90, { leaf: true, by: { cert: 'issuer' } });
    make('stranger', 5);
    make('self', 60, { leaf: true });
    writeFileSync(at('both', 'pem'), pem('old-root', 'new-root'));
    const module = (ca_file: string) => ({ prober: 'tcp', tcp: { tls: true, tls_config: { ca_file } } });
    theirs = await startBlackboxExporter(
      Object.fromEntries(['old-root', 'new-root', 'both', 'self'].map((name) => [name, module(at(name, 'pem'))])),
    );
  });
  afterAll(async () => {
    await theirs?.stop();
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  async function serving(cert: string, key: string, version: SecureVersion, ciphers?: string): Promise<string> {
    const options = {
      cert,
      key,
      minVersion: version,
      maxVersion: version,
      ...(ciphers === undefined ? {} : { ciphers }),
    };
    const server = createServer(options, (socket) => socket.on('error', () => {}).end('welcome\n'));
    servers.push(server.on('tlsClientError', () => {}));
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const cases: [what: string, sent: string[], root: string, earliest: number, chain: number][] = [
    ['an issuer', ['leaf', 'issuer'], 'new-root', 90, 90],
    ['a root that was sent', ['leaf', 'issuer', 'new-root'], 'new-root', 90, 90],
    ['a stranger beside the chain', ['leaf', 'issuer', 'stranger'], 'new-root', 5, 90],
    ['an issuer that two roots have signed', ['leaf', 'issuer-by-old', 'issuer'], 'both', 20, 90],
    ['an issuer of whose roots one is trusted', ['leaf', 'issuer-by-old', 'issuer'], 'old-root', 20, 20],
    ['a root that another has signed', ['leaf', 'issuer', 'new-root-by-old'], 'both', 30, 90],
    ['a root known by another only', ['leaf', 'issuer', 'new-root-by-old'], 'old-root', 30, 30],
    ['its own certificate twice', ['leaf', 'leaf', 'issuer'], 'new-root', 90, 90],
    ['a certificate trusted by itself', ['self'], 'self', 60, 60],
  ];
  const versions = ['TLSv1.2', 'TLSv1.3'] as const;
  it.each(versions.flatMap((version) => cases.map((one) => [version, ...one] as const)))(
    '%s: %s',
    async (version, _, sent, root, earliest, chain) => {
      const target = await serving(pem(...sent), readFileSync(at(sent[0]!, 'key'), 'utf8'), version);
      const config = { tls: true, tls_config: { ca_file: at(root, 'pem') } };
      const { success, value } = await probed(tcp, target, { config });
      expect(success).toBe(true);
      const [first, last] = ['probe_ssl_earliest_cert_expiry', 'probe_ssl_last_chain_expiry_timestamp_seconds'];
      expect([daysLeft(value(first!)), daysLeft(value(last!))]).toEqual([earliest, chain]);
      const told = parseText(await theirs.probe({ target, module: root })).flatMap(({ samples }) => samples);
      const theirValue = (name: string) => told.find((sample) => sample.name === name)?.value;
      expect(theirValue('probe_success')).toBe(1);
      expect([value(first!), value(last!)]).toEqual([theirValue(first!), theirValue(last!)]);
    },
  );

  it.each(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])(
    'by %s',
    async (cipher) => {
      const key = readFileSync(at('leaf', 'key'), 'utf8');
      const target = await serving(pem('leaf', 'issuer', 'stranger'), key, 'TLSv1.3', cipher);
      const config = {
        tls: true,
        tls_config: { ca_file: at('new-root', 'pem') },
        query_response: [{ expect: 'welcome' }],
      };
      const { success, value, families } = await probed(tcp, target, { config });
      expect(success).toBe(true);
      expect(families.get('probe_tls_cipher_info')?.samples[0]?.labels).toEqual({ cipher });
      expect(daysLeft(value('probe_ssl_earliest_cert_expiry'))).toBe(5);
    },
  );

  it('many of them, followed by megabytes of data', async () => {
    const extras = Array.from({ length: 60 }, () => 'stranger');
    const key = readFileSync(at('leaf', 'key'), 'utf8');
    const server = createServer({ cert: pem('leaf', 'issuer', ...extras), key }, (socket) => {
      socket.on('error', () => {});
      for (let i = 0; i < 2000; i++) socket.write(`${'x'.repeat(1000)}\n`);
      socket.end('the end\n');
    });
    servers.push(server);
    await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const config = {
      tls: true,
      tls_config: { ca_file: at('new-root', 'pem') },
      query_response: [{ expect: 'the end' }],
    };
    const { success, value } = await probed(tcp, target, { config });
    expect(success).toBe(true);
    expect(daysLeft(value('probe_ssl_earliest_cert_expiry'))).toBe(5);
  });
});
