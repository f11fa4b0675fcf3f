import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { gauge, type Writers } from 'exporter-kit';
import { distinguishedName } from './distinguished-name.ts';

/** What probes tell of a connection over TLS. */
export const tlsMetrics = {
  earliestExpiry: gauge({
    name: 'probe_ssl_earliest_cert_expiry',
    help: 'When the first of the certificates that the server sent expires, as Unix time.',
    waive: "blackbox_exporter's name",
  }),
  chainExpiry: gauge({
    name: 'probe_ssl_last_chain_expiry_timestamp_seconds',
    help: 'When the verified chain expires; year 1 when nothing was verified.',
    unit: 'seconds',
  }),
  chainInfo: gauge({
    name: 'probe_ssl_last_chain_info',
    help: "The server's own certificate.",
    labels: ['fingerprint_sha256', 'subject', 'issuer', 'subjectalternative', 'serialnumber'],
    waive: "blackbox_exporter's name and type",
  }),
  tlsVersion: gauge({
    name: 'probe_tls_version_info',
    help: 'The version of TLS.',
    labels: ['version'],
    waive: "blackbox_exporter's name and type",
  }),
  tlsCipher: gauge({
    name: 'probe_tls_cipher_info',
    help: 'The cipher suite.',
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

// Go's zero time, which blackbox_exporter tells where nothing was verified.
const NEVER = -62_135_596_800;

/** Writes what there is to tell of a connection. */
export function writeTls(write: Writers<typeof tlsMetrics>, socket: TLSSocket, verified: boolean): void {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [leaf] = chain;
  if (leaf === undefined) return;
  // Node completes the chain by the root that it trusts; servers do not send that.
  const sent = chain.length > 1 && isRoot(chain.at(-1)!) ? chain.slice(0, -1) : chain;
  write.earliestExpiry.set(earliest(sent));
  write.chainExpiry.set(verified ? earliest(chain) : NEVER);
  const names = leaf.subjectaltname?.split(', ').filter((name) => name.startsWith('DNS:')) ?? [];
  write.chainInfo.set(
    {
      fingerprint_sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
      subject: distinguishedName(leaf.subject),
      issuer: distinguishedName(leaf.issuer),
      subjectalternative: names.map((name) => name.slice('DNS:'.length)).join(','),
      serialnumber: leaf.serialNumber.toLowerCase(),
    },
    1,
  );
  write.tlsVersion.set({ version: versions[socket.getProtocol() ?? ''] ?? 'unknown' }, 1);
  write.tlsCipher.set({ cipher: socket.getCipher().standardName }, 1);
}

/** From the server's own up to the root, which is its own issuer. */
function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  for (let one = leaf; one?.valid_to !== undefined && !chain.includes(one); one = one.issuerCertificate)
    chain.push(one);
  return chain;
}

const isRoot = (certificate: DetailedPeerCertificate): boolean => certificate.issuerCertificate === certificate;

const earliest = (certificates: readonly DetailedPeerCertificate[]): number =>
  Math.min(...certificates.map(({ valid_to }) => Date.parse(valid_to) / 1000));
