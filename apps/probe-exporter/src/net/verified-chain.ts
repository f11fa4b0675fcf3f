import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Seconds since the epoch. */
const expiryOf = (certificate: X509Certificate): number => Date.parse(certificate.validTo) / 1000;

/** The earliest expiry of these certificates, in Unix time. */
export function earliestExpiry(certificates: readonly X509Certificate[]): number {
  return Math.min(...certificates.map(expiryOf));
}

// As in Go: limits the work for certificates that are cross-signed many times.
const MOST_CHECKS = 100;

/**
 * The latest expiry of all chains that verify, from the server's certificate to a trusted root; a chain expires with its
 * first certificate. A cross-signed certificate has several chains, and is valid as long as one of them is. `undefined` if
 * no chain verifies.
 *
 * @param sent the server's certificate first.
 * @param trusted certificates in PEM; default: Node's.
 */
export function lastChainExpiry(sent: readonly X509Certificate[], trusted: string | undefined): number | undefined {
  const roots = trusted === undefined ? nodesRoots() : byName(certificatesIn(trusted));
  const others = byName(sent.slice(1));
  const now = Date.now();
  const isValid = (one: X509Certificate): boolean => Date.parse(one.validFrom) <= now && now <= Date.parse(one.validTo);
  let checks = 0;
  let last: number | undefined;

  function follow(chain: readonly X509Certificate[], expiry: number): void {
    const end = chain.at(-1)!;
    const issuersIn = (known: ByName): X509Certificate[] =>
      (known.get(end.issuer) ?? []).filter(
        (issuer) =>
          checks < MOST_CHECKS &&
          issuer.ca &&
          isValid(issuer) &&
          !chain.some((one) => one.raw.equals(issuer.raw)) &&
          end.checkIssued(issuer) &&
          ++checks > 0 &&
          end.verify(issuer.publicKey),
      );
    for (const root of issuersIn(roots)) last = Math.max(last ?? -Infinity, Math.min(expiry, expiryOf(root)));
    for (const issuer of issuersIn(others)) follow([...chain, issuer], Math.min(expiry, expiryOf(issuer)));
  }

  const [leaf] = sent;
  if (leaf === undefined || !isValid(leaf)) return undefined;
  if (roots.get(leaf.subject)?.some((root) => root.raw.equals(leaf.raw))) return expiryOf(leaf);
  follow([leaf], expiryOf(leaf));
  return last;
}

type ByName = ReadonlyMap<string, readonly X509Certificate[]>;

function byName(certificates: readonly X509Certificate[]): ByName {
  const found = new Map<string, X509Certificate[]>();
  for (const one of certificates) found.set(one.subject, [...(found.get(one.subject) ?? []), one]);
  return found;
}

let ownRoots: ByName | undefined;

/** Parsed once, as there are about 150. */
function nodesRoots(): ByName {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  ownRoots ??= byName([
    ...rootCertificates.flatMap(certificatesIn),
    ...(extra ? certificatesIn(readFileSync(extra, 'utf8')) : []),
  ]);
  return ownRoots;
}

function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one));
}
