import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { expiresWithin, gauge, type Writers } from 'exporter-kit';
import { distinguishedName } from './distinguished-name.ts';
import { handshakeOf } from './tls.ts';
import { earliestExpiry, lastChainExpiry } from './verified-chain.ts';

/** Metrics about TLS connections. */
export const tlsMetrics = {
  earliestExpiry: gauge({
    name: 'probe_ssl_earliest_cert_expiry',
    help: 'Earliest expiry of the certificates that the server sent, in Unix time.',
    waive: "blackbox_exporter's name",
    alert: {
      name: 'ProbedCertificateExpires',
      when: expiresWithin('14d'),
      for: '1h',
      summary: 'Probed certificate expires soon.',
    },
  }),
  chainExpiry: gauge({
    name: 'probe_ssl_last_chain_expiry_timestamp_seconds',
    help: 'Expiry of the verified chain, in Unix time; year 1 without one.',
    unit: 'seconds',
  }),
  chainInfo: gauge({
    name: 'probe_ssl_last_chain_info',
    help: "The server's certificate.",
    labels: ['fingerprint_sha256', 'subject', 'issuer', 'subjectalternative', 'serialnumber'],
    waive: "blackbox_exporter's name and type",
  }),
  tlsVersion: gauge({
    name: 'probe_tls_version_info',
    help: 'The TLS version.',
    labels: ['version'],
    waive: "blackbox_exporter's name and type",
  }),
  tlsCipher: gauge({
    name: 'probe_tls_cipher_info',
    help: 'The TLS cipher suite.',
    labels: ['cipher'],
    waive: "blackbox_exporter's name and type",
  }),
};

const versions: { readonly [name: string]: string } = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
};

// Go's zero time, as in blackbox_exporter.
const NEVER = -62_135_596_800;

/** Writes the metrics about a connection. */
export function writeTls(write: Writers<typeof tlsMetrics>, socket: TLSSocket, verified: boolean): void {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [leaf] = chain;
  if (leaf === undefined) return;
  const { sent, trusted } = handshakeOf(socket) ?? {};
  write.earliestExpiry.set(earliestExpiry(sent ?? withoutRoot(chain)));
  write.chainExpiry.set(verified ? (lastChainExpiry(sent ?? chain, trusted) ?? earliestExpiry(chain)) : NEVER);
  const { fingerprint256, subject, issuer, subjectaltname, serialNumber } = socket.getPeerCertificate();
  const names = subjectaltname?.split(', ').filter((name) => name.startsWith('DNS:')) ?? [];
  write.chainInfo.set(
    {
      fingerprint_sha256: fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: distinguishedName(subject),
      issuer: distinguishedName(issuer),
      subjectalternative: names.map((name) => name.slice('DNS:'.length)).join(','),
      serialnumber: serialNumber.toLowerCase(),
    },
    1,
  );
  write.tlsVersion.set({ version: versions[socket.getProtocol() ?? ''] ?? 'unknown' }, 1);
  write.tlsCipher.set({ cipher: socket.getCipher().standardName }, 1);
}

/** The chain that Node verified, from the server's certificate to the trusted root. */
function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let one = leaf; one?.raw !== undefined && !chain.includes(one); one = one.issuerCertificate) chain.push(one);
  return chain.map(({ raw }) => new X509Certificate(raw));
}

/** Node appends the root to the chain; servers do not send it. */
function withoutRoot(chain: readonly X509Certificate[]): readonly X509Certificate[] {
  const end = chain.at(-1)!;
  return chain.length > 1 && end.subject === end.issuer ? chain.slice(0, -1) : chain;
}
