import type { TLSSocket } from 'node:tls';
import { plainName } from './read-tls.ts';
import type { TlsSettings } from './settings.ts';

/** Why a client that has finished its handshake may not go on; `undefined` when it may. */
export function refusalOf(
  socket: TLSSocket,
  { clientAuth, allowedSans }: Pick<TlsSettings, 'clientAuth' | 'allowedSans'>,
): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) {
    if (clientAuth.startsWith('Require')) return 'it has no certificate';
    return allowedSans === undefined ? undefined : 'it has no certificate, and so none of the allowed names';
  }
  if (clientAuth.includes('Verif') && !socket.authorized) return `its certificate: ${socket.authorizationError}`;
  if (allowedSans === undefined) return undefined;
  const names = namesOf(certificate.subjectAltName ?? '');
  return names.some((name) => allowedSans.has(name)) ? undefined : 'its certificate has none of the allowed names';
}

/**
 * The names in Node's one line of them: `DNS:a.example, IP Address:127.0.0.1`. A name with characters that could be taken
 * for more than one is quoted there as JSON. What is not understood is no name.
 */
export function namesOf(line: string): string[] {
  const names: string[] = [];
  const next = /(?:, |^)([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/y;
  for (let found = next.exec(line); found !== null && found[0] !== ''; found = next.exec(line)) {
    const [, kind, said] = found as unknown as [string, string, string];
    if (!['DNS', 'IP Address', 'URI', 'email'].includes(kind)) continue;
    names.push(plainName(said.startsWith('"') ? String(JSON.parse(said)) : said));
  }
  return names;
}
