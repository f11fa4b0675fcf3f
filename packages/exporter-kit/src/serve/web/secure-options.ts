import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type TlsOptions } from 'node:tls';
import { messageOf, readErrorReason } from '../../errors/thrown.ts';
import { tls13Suites } from './cipher-suites.ts';
import type { Pem, TlsSettings } from './settings.ts';

/** Options of a TLS server, and its certificate's expiry. */
export interface SecureOptions {
  readonly options: TlsOptions;
  /** Unix time when the certificate expires. */
  readonly notAfter: number;
}

/**
 * Reads the files of TLS settings, and checks that they make a working server.
 *
 * @throws Error of one line with the file or key and the problem.
 */
export async function secureOptions(settings: TlsSettings, http2: boolean, file: string): Promise<SecureOptions> {
  const { suites, minVersion, maxVersion, curves, clientAuth } = settings;
  const cert = await pemOf(settings.cert, 'cert', file);
  const key = await pemOf(settings.key, 'key', file);
  const ca = settings.clientCa && (await pemOf(settings.clientCa, 'client_ca', file));
  const leaf = certificatesOf(cert, whereIs(settings.cert, 'cert', file))[0]!;
  checkKey(key, leaf, whereIs(settings.key, 'key', file));
  if (ca !== undefined) certificatesOf(ca, whereIs(settings.clientCa!, 'client_ca', file));
  const tls13 = maxVersion === 'TLSv1.3' ? tls13Suites : [];
  // Without TLS 1.2 suites, only TLS 1.3 remains.
  const least = suites.length === 0 ? 'TLSv1.3' : minVersion;
  const options: TlsOptions = {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: least,
    maxVersion,
    ciphers: [...tls13, ...suites].join(':'),
    honorCipherOrder: settings.preferOwnSuites,
    ...(curves === undefined ? {} : { ecdhCurve: curves.join(':') }),
    requestCert: clientAuth !== 'NoClientCert',
    // Other types are checked after the handshake.
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    ALPNProtocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
    handshakeTimeout: 10_000,
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new Error(`${file}: tls_server_config: invalid: ${messageOf(cause)}.`, { cause });
  }
  return { options, notAfter: Date.parse(leaf.validTo) / 1000 };
}

async function pemOf(pem: Pem, kind: string, config: string): Promise<string> {
  if ('text' in pem) return pem.text;
  try {
    return await readFile(pem.file, 'latin1');
  } catch (cause) {
    const where = `${config}: tls_server_config.${kind}_file`;
    throw new Error(`${where}: cannot read ${pem.file}: ${readErrorReason(cause)}.`, { cause });
  }
}

const whereIs = (pem: Pem, kind: string, config: string): string =>
  'file' in pem ? `${config}: tls_server_config.${kind}_file: ${pem.file}` : `${config}: tls_server_config.${kind}`;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesOf(pem: string, where: string): X509Certificate[] {
  const found = pem.match(CERTIFICATE);
  if (found === null) throw new Error(`${where} has no PEM certificate.`);
  try {
    return found.map((text) => new X509Certificate(text));
  } catch (cause) {
    throw new Error(`${where} has a malformed certificate.`, { cause });
  }
}

function checkKey(pem: string, leaf: X509Certificate, where: string): void {
  if (/-----BEGIN ENCRYPTED|Proc-Type:.*ENCRYPTED/.test(pem)) {
    throw new Error(`${where} is encrypted, which is not supported; decrypt it with: openssl pkey.`);
  }
  let fits: boolean;
  try {
    fits = leaf.checkPrivateKey(createPrivateKey(pem));
  } catch (cause) {
    throw new Error(`${where} has no PEM private key.`, { cause });
  }
  if (!fits) throw new Error(`${where} does not match the certificate.`);
}
