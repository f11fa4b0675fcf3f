import { isIP, SocketAddress } from 'node:net';
import { resolve } from 'node:path';
import { nearest } from '../../yaml/nearest.ts';
import { cipherSuites, curves, tls13Suites, usualSuites } from './cipher-suites.ts';
import { type Fields, shown } from './fields.ts';
import type { Pem, TlsSettings } from './settings.ts';
import type { ClientAuthType } from './web-config.ts';

const clientAuthTypes: readonly string[] = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] satisfies ClientAuthType[];

const names = [
  'cert_file',
  'key_file',
  'cert',
  'key',
  'client_ca_file',
  'client_ca',
  'client_auth_type',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'prefer_server_cipher_suites',
  'curve_preferences',
];

/** Validates `tls_server_config`; `undefined` if it is empty. Any field in it turns TLS on. */
export function readTls(all: Fields, folder: string, http2: boolean, warnings: string[]): TlsSettings | undefined {
  const tls = all.within('tls_server_config', names);
  if (tls === undefined || !names.some((name) => tls.has(name))) return undefined;

  function pem(kind: 'cert' | 'key' | 'client_ca'): Pem | undefined {
    const [file, text] = [tls!.text(`${kind}_file`) || undefined, tls!.text(kind) || undefined];
    if (file !== undefined && text !== undefined) {
      throw tls!.fault(kind, `and ${kind}_file are both set; remove one.`);
    }
    if (file?.includes('-----BEGIN')) throw tls!.fault(`${kind}_file`, `is PEM text, not a path; use ${kind} for it.`);
    if (file !== undefined) return { file: resolve(folder, file) };
    return text === undefined ? undefined : { text };
  }
  function needed(kind: 'cert' | 'key'): Pem {
    const found = pem(kind);
    if (found === undefined) throw tls!.fault(`${kind}_file`, 'is missing; TLS needs it.');
    return found;
  }

  const clientAuth = (tls.text('client_auth_type') || 'NoClientCert') as ClientAuthType;
  if (!clientAuthTypes.includes(clientAuth)) throw oneOf(tls, 'client_auth_type', clientAuth, clientAuthTypes);
  const settings: TlsSettings = {
    cert: needed('cert'),
    key: needed('key'),
    clientCa: pem('client_ca'),
    clientAuth,
    allowedSans: sansOf(tls),
    ...versionsOf(tls, warnings),
    suites: suitesOf(tls),
    preferOwnSuites: tls.flag('prefer_server_cipher_suites') ?? true,
    curves: curvesOf(tls),
  };
  checkClientAuth(tls, settings, warnings);
  checkHttp2(tls, settings, http2);
  return settings;
}

function checkClientAuth(tls: Fields, { clientAuth, clientCa, allowedSans }: TlsSettings, warnings: string[]): void {
  const verifies = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert';
  if (clientAuth === 'NoClientCert' && (clientCa !== undefined || allowedSans !== undefined)) {
    const what = clientCa !== undefined ? 'client_ca' : 'client_allowed_sans';
    throw tls.fault('client_auth_type', `is ${clientAuth}, but ${what} is set; use RequireAndVerifyClientCert.`);
  }
  if (verifies && clientCa === undefined) {
    throw tls.fault(
      'client_ca_file',
      'is missing; without it, certificates of any public authority would be accepted.',
    );
  }
  if (clientAuth !== 'NoClientCert' && !verifies) {
    warnings.push(`client_auth_type ${clientAuth} accepts self-signed certificates`);
  }
}

/** HTTP/2 requires this suite, as in Go. Source: RFC 9113, section 9.2.2. */
function checkHttp2(tls: Fields, { suites, minVersion }: TlsSettings, http2: boolean): void {
  if (!http2 || minVersion === 'TLSv1.3' || suites.some((name) => /^ECDHE-.*-AES128-GCM-SHA256$/.test(name))) return;
  throw tls.fault(
    'cipher_suites',
    'HTTP/2 needs TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or its ECDSA counterpart; add one.',
  );
}

function versionsOf(tls: Fields, warnings: string[]): Pick<TlsSettings, 'minVersion' | 'maxVersion'> {
  const known = ['TLS10', 'TLS11', 'TLS12', 'TLS13'];
  const [min, max] = [tls.text('min_version') ?? 'TLS12', tls.text('max_version') ?? 'TLS13'];
  if (!known.includes(min)) throw oneOf(tls, 'min_version', min, known);
  if (!known.includes(max)) throw oneOf(tls, 'max_version', max, known);
  if (max < 'TLS12') throw tls.fault('max_version', `${max} is insecure and not supported; use TLS12 or TLS13.`);
  if (max < min) throw tls.fault('max_version', `is below min_version: ${max} and ${min}.`);
  if (min < 'TLS12') warnings.push(`min_version ${min} is insecure and not supported; using TLS12`);
  return { minVersion: min === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2', maxVersion: max === 'TLS13' ? 'TLSv1.3' : 'TLSv1.2' };
}

function suitesOf(tls: Fields): readonly string[] {
  const listed = tls.texts('cipher_suites') ?? [];
  if (listed.length === 0) return usualSuites;
  listed.forEach((name, i) => {
    if (cipherSuites.has(name) || tls13Suites.includes(name)) return;
    throw tls.fault(['cipher_suites', i], `unsupported suite: ${shown(name)}${guess(name, cipherSuites.keys())}.`);
  });
  return listed.flatMap((name) => cipherSuites.get(name) ?? []);
}

function curvesOf(tls: Fields): readonly string[] | undefined {
  const listed = tls.texts('curve_preferences') ?? [];
  listed.forEach((name, i) => {
    if (curves.has(name)) return;
    throw tls.fault(['curve_preferences', i], `must be one of ${[...curves.keys()].join(', ')}, not ${shown(name)}.`);
  });
  return listed.length === 0 ? undefined : listed.map((name) => curves.get(name)!);
}

function sansOf(tls: Fields): ReadonlySet<string> | undefined {
  const listed = tls.texts('client_allowed_sans');
  return listed === undefined ? undefined : new Set(listed.map(plainName));
}

/** Normalizes IP addresses; other names stay as they are. */
export function plainName(name: string): string {
  const family = isIP(name);
  if (family === 0) return name;
  return new SocketAddress({ address: name, family: family === 6 ? 'ipv6' : 'ipv4' }).address;
}

const oneOf = (tls: Fields, field: string, said: string, known: readonly string[]): Error =>
  tls.fault(field, `must be one of ${known.join(', ')}, not ${shown(said)}${guess(said, known)}.`);

function guess(said: string, known: Iterable<string>): string {
  const meant = nearest(said, known);
  return meant === undefined ? '' : `; did you mean ${meant}`;
}
